import { afterAll } from "@jest/globals";
import type { Ack } from "../../../libs/acks/ack.ts";
import type { Database } from "../../../libs/database/database.ts";
import { readPack } from "../../../libs/inbox/arrival.ts";
import type { Care } from "../../../libs/inbox/care.ts";
import { claimDue } from "../../../libs/inbox/claim-due.ts";
import type { InboxContext } from "../../../libs/inbox/context.ts";
import { handleBatch } from "../../../libs/inbox/handle-batch.ts";
import type { EventHandler } from "../../../libs/inbox/handler.ts";
import { HandlerTable } from "../../../libs/inbox/handler-table.ts";
import { Leases } from "../../../libs/inbox/leases.ts";
import type { StoredRow } from "../../../libs/inbox/read-rows.ts";
import { runClaimed } from "../../../libs/inbox/run-claimed.ts";
import { DeliveryMetrics } from "../../../libs/messaging/metrics.ts";
import { claimPending } from "../../../libs/outbox/claim-pending.ts";
import { markPublished } from "../../../libs/outbox/mark-published.ts";
import { Outbox } from "../../../libs/outbox/outbox.ts";
import { settle } from "../../../libs/outbox/settle.ts";
import { type Pack, packRows } from "../../../libs/relay/pack.ts";
import { setup, type TestStack } from "../../harness/index.ts";
import { statuses } from "../ledger.ts";
import { noted, type Publication } from "../notes.ts";

type Acks = ReadonlyMap<string, readonly Ack[]>;

/**
 * The way from auth to users by hand: the engine's own functions on real databases, with the test in the place of the
 * broker, so that it decides what is delivered when, how often and in which order.
 */
export interface Desk {
  readonly auth: Database;
  readonly users: Database;
  readonly outbox: Outbox;
  /** A worker of users with these handlers. */
  worker(handlers: readonly EventHandler[], stopping?: AbortSignal): InboxContext;
  /** Commits events of auth in one transaction. */
  commit(events: readonly Publication[]): Promise<void>;
  /** Publishes what is pending. `mark: false`: the relay ends before it marks. */
  publish(options?: { mark?: boolean }): Promise<Pack[]>;
  /** Handles packs as one batch. @returns the acknowledgements, which are not sent. */
  deliver(worker: InboxContext, packs: readonly Pack[], options?: { care?: Care; suspect?: boolean }): Promise<Acks>;
  /** Publishes, delivers and acknowledges all that is pending. */
  carry(worker: InboxContext, care?: Care): Promise<void>;
  /** Runs stored events as if their time had come, until none is due. */
  runDue(worker: InboxContext): Promise<void>;
  /** Claims stored events that are due. */
  claim(): Promise<StoredRow[]>;
  /** Claims stored events that are due and runs none, as a process that ends; its claims hold no longer. */
  claimAndEnd(): Promise<StoredRow[]>;
  /** Runs each stored event that is there once. @returns how many. */
  runDueOnce(worker: InboxContext): Promise<number>;
  acknowledge(acks: Acks): Promise<void>;
  /** What was refused of what came in. */
  readonly refused: readonly string[];
  effects(key?: string): Promise<number[]>;
  outboxStatuses(): Promise<Record<string, number>>;
  inboxStatuses(): Promise<Record<string, number>>;
}

let streamSequence = 0;
let opened: Promise<TestStack> | undefined;

afterAll(async () => (await opened)?.stop());

/** Both databases, opened once a test file. */
async function open(): Promise<TestStack> {
  const stack = await setup();
  await stack.database("users").query({
    text: "create table effect (position bigserial, event_id uuid, key text, n integer)",
  });
  return stack;
}

/** A desk with nothing on it: what an earlier test of the file left is gone. */
export async function desk(): Promise<Desk> {
  opened ??= open();
  const stack = await opened;
  const auth = stack.database("auth");
  const users = stack.database("users");
  for (const database of [auth, users])
    await database.query({
      text: "truncate event_outbox, event_inbox, outbox_mailbox, inbox_mailbox, operator_action, job, job_run",
    });
  await users.query({ text: "truncate effect" });
  const outboxOf = (service: string, database: Database) =>
    new Outbox(database, { service, maxPayload: () => 1_048_576, onCommit: () => undefined });
  const outbox = outboxOf("auth", auth);

  const refused: string[] = [];
  const acknowledge = async (acks: Acks) => {
    await auth.transaction(async (tx) => {
      await settle(tx, "users", acks.get("auth") ?? []);
    });
  };
  const publish = ({ mark = true } = {}) =>
    auth.transaction(async (tx) => {
      const packs = packRows("auth", (await claimPending(tx, 10_000, [])).rows);
      const published = packs.flatMap(({ rows }) => {
        streamSequence += 1;
        return rows.map(({ id }) => ({ id, streamSequence }));
      });
      if (mark && published.length > 0) await markPublished(tx, published);
      return packs;
    });
  const deliver: Desk["deliver"] = async (worker, packs, { care = "whole", suspect = false } = {}) => {
    const arrivals = packs.flatMap(({ subject, body }) =>
      readPack(body, subject.slice(subject.indexOf(".") + 1), suspect, (error) => refused.push(String(error))),
    );
    return (await handleBatch(worker, arrivals, care)).acks;
  };

  const claim = async () => {
    const suspects = await claimDue(users, 100, { suspect: true });
    return [...suspects, ...(await claimDue(users, 100, { suspect: false }))];
  };
  const claimAndEnd = async () => {
    const rows = await claim();
    await users.query({ text: "update event_inbox set next_attempt_at = now() where started_at is not null" });
    return rows;
  };
  const runDueOnce: Desk["runDueOnce"] = async (worker) => {
    await users.query({
      text: "update event_inbox set next_attempt_at = now() where status = 'failed' and started_at is null",
    });
    const rows = await claim();
    for (const row of rows) await acknowledge(await runClaimed(worker, row));
    return rows.length;
  };

  return {
    auth,
    users,
    outbox,
    worker: (handlers, stopping = new AbortController().signal) => ({
      service: "users",
      database: users,
      handlers: new HandlerTable("users", handlers),
      workshop: { models: {}, outbox: outboxOf("users", users), stopping },
      leases: new Leases(users),
      metrics: new DeliveryMetrics("users"),
    }),
    commit: (events) =>
      auth.transaction(async () => {
        for (const { event = noted, n, text, ...options } of events)
          outbox.enqueue(event, text === undefined ? { n } : { n, text }, options);
      }),
    publish,
    deliver,
    carry: async (worker, care = "whole") => {
      const packs = await publish();
      if (packs.length > 0) await acknowledge(await deliver(worker, packs, { care }));
    },
    runDue: async (worker) => {
      while ((await runDueOnce(worker)) > 0);
    },
    claim,
    claimAndEnd,
    runDueOnce,
    acknowledge,
    refused,
    effects: async (key) => {
      const { rows } = await users.query<{ n: number }>({
        text: "select n from effect where $1::text is null or key = $1 order by position",
        values: [key ?? null],
      });
      return rows.map(({ n }) => n);
    },
    outboxStatuses: () => statuses(auth, "event_outbox"),
    inboxStatuses: () => statuses(users, "event_inbox"),
  };
}
