import type { Ack } from "../../../libs/acks/ack.ts";
import { PermanentError } from "../../../libs/errors/permanent-error.ts";
import type { Care } from "../../../libs/inbox/care.ts";
import { type HandlerTransaction, handle, type Message } from "../../../libs/inbox/handler.ts";
import type { Pack } from "../../../libs/relay/pack.ts";
import { keyed, noted, writeEffect } from "../notes.ts";
import type { Desk } from "./desk.ts";

interface Choice {
  readonly of: number;
  readonly rest: number;
}

interface Trouble {
  readonly of: number;
  readonly permanent: boolean;
}

interface Delivery {
  readonly choice: Choice;
  readonly trouble?: Trouble;
  readonly care: string;
  /** False: the worker ends after its COMMIT, so that the message is delivered again and no ack is sent. */
  readonly acknowledged: boolean;
}

/** A broker that does what it is told: what is published and what is acknowledged wait in it. */
export class Wire {
  readonly #at: Desk;
  #messages: { readonly pack: Pack; readonly suspect: boolean }[] = [];
  #acks: ReadonlyMap<string, readonly Ack[]>[] = [];
  #count = 0;
  /** The numbers that were committed. */
  readonly committed = new Set<number>();

  constructor(at: Desk) {
    this.#at = at;
  }

  async commit(keys: readonly (string | null)[], succeeds: boolean): Promise<void> {
    const events = keys.map((key) => {
      this.#count += 1;
      return key === null ? { n: this.#count } : { event: keyed, key, n: this.#count };
    });
    const rolledBack = this.#at.auth.transaction(async () => {
      for (const { event = noted, n, ...options } of events) this.#at.outbox.enqueue(event, { n }, options);
      if (!succeeds) throw new Error("rolled back");
    });
    await rolledBack.catch((error: unknown) => {
      if (succeeds) throw error;
    });
    if (succeeds) for (const { n } of events) this.committed.add(n);
  }

  async publish(mark: boolean): Promise<void> {
    for (const pack of await this.#at.publish({ mark })) this.#messages.push({ pack, suspect: false });
  }

  async deliver({ choice, trouble, care, acknowledged }: Delivery): Promise<void> {
    const chosen = pick(this.#messages, choice);
    if (chosen.length === 0) return;
    const worker = this.#worker(trouble);
    for (const suspect of [false, true]) {
      const packs = chosen.filter((one) => one.suspect === suspect).map(({ pack }) => pack);
      const size = care === "alone" ? 1 : packs.length;
      for (let from = 0; from < packs.length; from += size) {
        const some = packs.slice(from, from + size);
        const acks = await this.#at.deliver(worker, some, { care: care as Care, suspect });
        if (acknowledged) this.#acks.push(acks);
      }
    }
    this.#messages = this.#messages.filter((one) => !chosen.includes(one));
    if (!acknowledged) this.#messages.push(...chosen.map(({ pack }) => ({ pack, suspect: true })));
  }

  async runDue(trouble?: Trouble): Promise<void> {
    const worker = this.#worker(trouble);
    if (trouble) await this.#at.runDueOnce(worker);
    else await this.#at.runDue(worker);
  }

  async receiveAcks(choice: Choice): Promise<void> {
    const chosen = pick(this.#acks, choice).toReversed();
    for (const acks of chosen) await this.#at.acknowledge(acks);
    this.#acks = this.#acks.filter((one) => !chosen.includes(one));
  }

  async loseAcks(): Promise<void> {
    this.#acks = [];
  }

  #worker(trouble?: Trouble) {
    const run = async (message: Message<{ n: number }>, tx: HandlerTransaction) => {
      await writeEffect(message, tx);
      if (trouble === undefined || message.data.n % trouble.of !== 0) return;
      throw trouble.permanent ? new PermanentError("never") : new Error("not now");
    };
    return this.#at.worker([handle(noted, run), handle(keyed, run)]);
  }
}

function pick<T>(all: readonly T[], { of, rest }: Choice): T[] {
  return all.filter((_, index) => index % of === rest % of);
}
