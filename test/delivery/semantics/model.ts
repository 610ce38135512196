import { resolveDeadLetters } from "../../../libs/postbox/delivery/operations/resolve-dead-letters.ts";
import { expire } from "../../../libs/postbox/delivery/outbox/expire.ts";
import { queryAgain } from "../../../libs/postbox/delivery/outbox/query-again.ts";
import { resendLost } from "../../../libs/postbox/delivery/outbox/resend-lost.ts";
import { deleteOld } from "../../../libs/postbox/delivery/retention/delete-old.ts";
import { keyed } from "../example-events.ts";
import type { ManualDelivery } from "./manual-delivery.ts";
import type { ManualSubscriber } from "./manual-subscriber.ts";
import type { Step } from "./model-steps.ts";
import { ScriptedBroker, told } from "./scripted-broker.ts";

type Events = Extract<Step, { do: "commit" }>["events"];

/** Auth, which publishes, with a broker of its own to each of its subscribers. */
export class Model {
  readonly #at: ManualDelivery;
  readonly #brokers: Readonly<Record<ManualSubscriber["name"], ScriptedBroker>>;
  #count = 0;
  /** The numbers that were committed, by subscriber. */
  readonly committed = { users: new Set<number>(), emails: new Set<number>() };

  constructor(at: ManualDelivery) {
    this.#at = at;
    this.#brokers = {
      users: new ScriptedBroker(at.subscribers.users),
      emails: new ScriptedBroker(at.subscribers.emails),
    };
  }

  async take(one: Step): Promise<unknown> {
    const { auth, subscribers } = this.#at;
    switch (one.do) {
      case "commit":
        return this.#commit(one.events, true);
      case "roll back":
        return this.#commit(one.events, false);
      case "publish":
        return this.#publish(one.mark);
      case "forget duplicates":
        return this.#brokers[one.target].forgetDuplicates();
      case "deliver":
        return this.#brokers[one.target].deliver(one);
      case "run due":
        return this.#brokers[one.target].runDue(one.trouble);
      case "crash while due ones run":
        return subscribers[one.target].claimAndEnd();
      case "receive acks":
        return this.#brokers[one.target].receiveAcks(one.choice);
      case "lose acks":
        return this.#brokers[one.target].loseAcks();
      case "wipe the stream":
        this.#brokers[one.target].wipe();
        return this.#resend(one.target);
      case "resend":
        return this.#resend(one.target);
      case "ask again":
        return this.#askAgain();
      case "expire":
        // As if the horizon of all that was ever published were over.
        await expire(auth, -1);
        return one.verb && resolveDeadLetters(auth, one.verb, {}, "model");
      case "resolve":
        return resolveDeadLetters(auth, one.verb, {}, "model");
      case "forget":
        return this.#forget(one.target);
    }
  }

  /** What happens when nothing fails any more and operators replay what is dead: everything must come to its end. */
  async drain(): Promise<void> {
    const all = { of: 1, rest: 0 };
    for (let round = 0; round < 12; round++) {
      await this.#publish(true);
      for (const [name, wire] of Object.entries(this.#brokers)) {
        await wire.deliver({ choice: all, isolation: "batch", twice: false, acknowledged: true });
        await wire.runDue();
        await wire.receiveAcks(all);
        await this.#resend(name);
      }
      await this.#askAgain();
      await resolveDeadLetters(this.#at.auth, "replay", {}, "model");
      const open = Object.keys(await this.#at.outboxStatuses()).filter(
        (status) => !["processed", "skipped"].includes(status),
      );
      if (open.length === 0) return;
    }
  }

  async #commit(events: Events, succeeds: boolean): Promise<void> {
    const numbered = events.map((event) => {
      this.#count += 1;
      return { ...event, n: this.#count };
    });
    const over = this.#at.outbox.transaction(async (tx) => {
      for (const { both, key, n } of numbered) tx.enqueue(both ? told : keyed, { n }, key === null ? {} : { key });
      if (!succeeds) throw new Error("rolled back");
    });
    await over.catch((error: unknown) => {
      if (succeeds) throw error;
    });
    if (!succeeds) return;
    for (const { both, n } of numbered)
      for (const name of both ? (["users", "emails"] as const) : (["users"] as const)) this.committed[name].add(n);
  }

  async #publish(mark: boolean): Promise<void> {
    const packs = await this.#at.publish({ mark });
    for (const wire of Object.values(this.#brokers)) wire.publish(packs);
  }

  /** All that is published to this subscriber and unacknowledged is taken for lost. */
  #resend(name: string): Promise<number> {
    const position = { ackFloor: 0, lastSequence: 0, at: new Date(Date.now() + 60_000) };
    return resendLost(this.#at.auth, name, position, undefined);
  }

  /**
   * As if it were the day after the retention of all that nobody can ask about any more: its publisher has its answer, and
   * no message names it.
   */
  async #forget(name: ManualSubscriber["name"]): Promise<void> {
    const { auth, subscribers } = this.#at;
    const { database } = subscribers[name];
    const { rows } = await auth.query<{ id: string }>({
      text: "select id from event_outbox where target = $1 and status not in ('processed', 'skipped')",
      values: [name],
    });
    const wanted = [...rows.map(({ id }) => id), ...this.#brokers[name].named()];
    await database.query({
      text: `update event_inbox set processed_at = now() + case when id = any($1) then 2 else 0 end * interval '1 day'
        where processed_at is not null`,
      values: [wanted],
    });
    await deleteOld(database, { table: "event_inbox", days: -1 }, new AbortController().signal);
  }

  /** About all that subscribers hold, as if an hour had passed. */
  async #askAgain(): Promise<void> {
    const { auth } = this.#at;
    await auth.query({ text: "update event_outbox set next_attempt_at = now() where status = 'received'" });
    await queryAgain(auth);
  }
}
