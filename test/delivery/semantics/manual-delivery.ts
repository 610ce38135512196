import { afterAll } from "@jest/globals";
import type { Database } from "postbox";
import { setup, statuses, type TestStack } from "postbox/testing";
import type { IsolationLevel } from "../../../libs/postbox/delivery/inbox/execution/batch-attempt.ts";
import type { InboxContext } from "../../../libs/postbox/delivery/inbox/execution/inbox-context.ts";
import { claimPending } from "../../../libs/postbox/delivery/outbox/claim-pending.ts";
import { markPublished } from "../../../libs/postbox/delivery/outbox/mark-published.ts";
import type { Outbox } from "../../../libs/postbox/delivery/outbox/outbox.ts";
import { type Pack, packRows } from "../../../libs/postbox/delivery/relay/pack.ts";
import { relaySettings } from "../../../libs/postbox/delivery/relay/relay-settings.ts";
import { noted, type Publication } from "../example-events.ts";
import { type ManualSubscriber, manualSubscriber, outboxOf } from "./manual-subscriber.ts";

/**
 * The way from auth to users by hand: the engine's own functions on real databases, with the test in the place of the
 * broker, so that it decides what is delivered when, how often and in which order.
 */
export interface ManualDelivery extends Omit<ManualSubscriber, "name" | "database"> {
  readonly auth: Database;
  readonly users: Database;
  readonly outbox: Outbox;
  /** Each subscriber; the acts of this interface are those of users. */
  readonly subscribers: Readonly<Record<ManualSubscriber["name"], ManualSubscriber>>;
  /** Commits events of auth in one transaction. */
  commit(events: readonly Publication[]): Promise<void>;
  /** Publishes what is pending. `mark: false`: the relay ends before it marks. */
  publish(options?: { mark?: boolean }): Promise<Pack[]>;
  /** Publishes, delivers and acknowledges all that is pending. */
  carry(worker: InboxContext, isolation?: IsolationLevel): Promise<void>;
  outboxStatuses(): Promise<Record<string, number>>;
}

let streamSequence = 0;
let opened: Promise<TestStack> | undefined;

afterAll(async () => (await opened)?.stop());

/** All databases, opened once a test file. */
async function open(): Promise<TestStack> {
  const stack = await setup();
  for (const name of ["users", "emails"] as const)
    await stack.database(name).query({
      text: "create table effect (position bigserial, event_id uuid, key text, n integer)",
    });
  return stack;
}

/** Begins with empty tables: what an earlier test of the file left is gone. */
export async function manualDelivery(): Promise<ManualDelivery> {
  opened ??= open();
  const stack = await opened;
  const [auth, users, emails] = [stack.database("auth"), stack.database("users"), stack.database("emails")];
  for (const database of [auth, users, emails])
    await database.query({
      text: "truncate event_outbox, event_inbox, outbox_mailbox, inbox_mailbox, operator_action, job, job_run",
    });
  for (const database of [users, emails]) await database.query({ text: "truncate effect" });
  const outbox = outboxOf("auth", auth);
  const subscribers = {
    users: manualSubscriber("users", users, auth),
    emails: manualSubscriber("emails", emails, auth),
  };
  const { deliver, acknowledge } = subscribers.users;

  const publish = ({ mark = true } = {}) =>
    auth.transaction(async (tx) => {
      const packs = packRows("auth", (await claimPending(tx, 10_000, [])).rows);
      const published = packs.flatMap(({ rows }) => {
        streamSequence += 1;
        return rows.map(({ id, send_number }) => ({ id, sendNumber: send_number, streamSequence }));
      });
      if (mark && published.length > 0) await markPublished(tx, published);
      return packs;
    }, relaySettings);

  return {
    ...subscribers.users,
    auth,
    users,
    outbox,
    subscribers,
    commit: (events) =>
      outbox.transaction(async (tx) => {
        for (const { event = noted, n, text, ...options } of events)
          tx.enqueue(event, text === undefined ? { n } : { n, text }, options);
      }),
    publish,
    carry: async (worker, isolation = "batch") => {
      const packs = await publish();
      if (packs.length > 0) await acknowledge(await deliver(worker, packs, { isolation }));
    },
    outboxStatuses: () => statuses(auth, "event_outbox"),
  };
}
