import { defineEvent, type HandlerTransaction, handle, type Message, PermanentError } from "postbox";
import type { IsolationLevel } from "../../../libs/postbox/delivery/inbox/execution/batch-attempt.ts";
import type { Pack } from "../../../libs/postbox/delivery/relay/pack.ts";
import { keyed, Note, writeEffect } from "../example-events.ts";
import type { Acks, ManualSubscriber } from "./manual-subscriber.ts";

/** An event that goes to both subscribers; `keyed` goes to users only. */
export const told = defineEvent({
  service: "auth",
  name: "told",
  version: 1,
  targets: ["users", "emails"],
  schema: Note,
});

export interface Choice {
  readonly of: number;
  readonly rest: number;
}

export interface Trouble {
  readonly of: number;
  readonly permanent: boolean;
}

interface Delivery {
  readonly choice: Choice;
  readonly trouble?: Trouble;
  readonly isolation: IsolationLevel;
  /** Another worker has the same packs at the same time, and no trouble. */
  readonly twice: boolean;
  /** False: the worker ends after its COMMIT, so that the message is delivered again and no ack is sent. */
  readonly acknowledged: boolean;
}

/** A broker between auth and one subscriber that does what it is told: messages and acknowledgements wait in it. */
export class ScriptedBroker {
  readonly #to: ManualSubscriber;
  #messages: { readonly pack: Pack; readonly possiblePoison: boolean }[] = [];
  #wireIds = new Set<string>();
  #acks: Acks[] = [];

  constructor(to: ManualSubscriber) {
    this.#to = to;
  }

  /** Takes what is published for its subscriber, but for duplicates. */
  publish(packs: readonly Pack[]): void {
    for (const pack of packs) {
      if (pack.target !== this.#to.name || this.#wireIds.has(pack.wireId)) continue;
      this.#wireIds.add(pack.wireId);
      this.#messages.push({ pack, possiblePoison: false });
    }
  }

  /** The window in which duplicates are known is over. */
  forgetDuplicates(): void {
    this.#wireIds.clear();
  }

  /** The events of all messages that wait in it. */
  named(): string[] {
    return this.#messages.flatMap(({ pack }) => pack.rows.map(({ id }) => id));
  }

  /** Its store is wiped. */
  wipe(): void {
    this.#messages = [];
    this.forgetDuplicates();
  }

  async deliver({ choice, trouble, isolation, twice, acknowledged }: Delivery): Promise<void> {
    const chosen = pick(this.#messages, choice);
    const workers = [this.#worker(trouble), ...(twice ? [this.#worker()] : [])];
    for (const possiblePoison of [false, true]) {
      const packs = chosen.filter((one) => one.possiblePoison === possiblePoison).map(({ pack }) => pack);
      const size = isolation === "event" ? 1 : packs.length;
      for (let from = 0; from < packs.length; from += size) {
        const some = packs.slice(from, from + size);
        const acks = await Promise.all(
          workers.map((worker) => this.#to.deliver(worker, some, { isolation, possiblePoison })),
        );
        if (acknowledged) this.#acks.push(...acks);
      }
    }
    this.#messages = this.#messages.filter((one) => !chosen.includes(one));
    if (!acknowledged) this.#messages.push(...chosen.map(({ pack }) => ({ pack, possiblePoison: true })));
  }

  /** Runs what is stored once, by two workers; without trouble until nothing is due. */
  async runDue(trouble?: Trouble): Promise<void> {
    if (trouble) await this.#to.runDueOnce(this.#worker(trouble), this.#worker(trouble));
    else await this.#to.runDue(this.#worker());
  }

  async receiveAcks(choice: Choice): Promise<void> {
    const chosen = pick(this.#acks, choice).toReversed();
    for (const acks of chosen) await this.#to.acknowledge(acks);
    this.#acks = this.#acks.filter((one) => !chosen.includes(one));
  }

  loseAcks(): void {
    this.#acks = [];
  }

  #worker(trouble?: Trouble) {
    const run = async (message: Message<{ n: number }>, tx: HandlerTransaction) => {
      await writeEffect(message, tx);
      if (trouble === undefined || message.data.n % trouble.of !== 0) return;
      throw trouble.permanent ? new PermanentError("never") : new Error("not now");
    };
    const events = this.#to.name === "users" ? [told, keyed] : [told];
    return this.#to.worker(events.map((event) => handle(event, run)));
  }
}

function pick<T>(all: readonly T[], { of, rest }: Choice): T[] {
  return all.filter((_, index) => index % of === rest % of);
}
