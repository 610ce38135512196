import type { Database, EventHandler } from "postbox";
import { statuses } from "postbox/testing";
import { claimDue } from "../../../libs/postbox/delivery/inbox/claims/claim-due.ts";
import { Leases } from "../../../libs/postbox/delivery/inbox/claims/leases.ts";
import { releaseHeld } from "../../../libs/postbox/delivery/inbox/claims/release-held.ts";
import { readPack } from "../../../libs/postbox/delivery/inbox/events/read-pack.ts";
import type { IsolationLevel } from "../../../libs/postbox/delivery/inbox/execution/batch-attempt.ts";
import { handleBatch } from "../../../libs/postbox/delivery/inbox/execution/handle-batch.ts";
import type { InboxContext } from "../../../libs/postbox/delivery/inbox/execution/inbox-context.ts";
import { HandlerTable } from "../../../libs/postbox/delivery/inbox/handlers/handler-table.ts";
import { FailureLog } from "../../../libs/postbox/delivery/inbox/log/failure-log.ts";
import type { StoredRow } from "../../../libs/postbox/delivery/inbox/rows/stored-row.ts";
import { runClaimed } from "../../../libs/postbox/delivery/inbox/stored/run-claimed.ts";
import { DeliveryMetrics } from "../../../libs/postbox/delivery/metrics/delivery-metrics.ts";
import { Outbox } from "../../../libs/postbox/delivery/outbox/outbox.ts";
import { settle } from "../../../libs/postbox/delivery/outbox/settle.ts";
import type { Pack } from "../../../libs/postbox/delivery/relay/pack.ts";
import type { Ack } from "../../../libs/postbox/delivery/wire/ack.ts";

export type Acks = ReadonlyMap<string, readonly Ack[]>;

/** A subscriber of auth by hand: the test decides what its workers do when. */
export interface ManualSubscriber {
  readonly name: "users" | "emails";
  readonly database: Database;
  /** A worker with these handlers. */
  worker(handlers: readonly EventHandler[], stopping?: AbortSignal): InboxContext;
  /** Handles packs as one batch. @returns the acknowledgements, which are not sent. */
  deliver(
    worker: InboxContext,
    packs: readonly Pack[],
    options?: { isolation?: IsolationLevel; possiblePoison?: boolean },
  ): Promise<Acks>;
  /** Runs stored events as if their time had come, until none is due. */
  runDue(worker: InboxContext): Promise<void>;
  /** Claims stored events that are due. */
  claim(): Promise<StoredRow[]>;
  /** Claims stored events that are due and runs none, as a process that ends; its claims hold no longer. */
  claimAndEnd(): Promise<StoredRow[]>;
  /** Runs each stored event that is there once; several workers share them. @returns how many. */
  runDueOnce(...workers: InboxContext[]): Promise<number>;
  /** Makes the held events due that these handlers know. @returns how many. */
  releaseHeld(handlers: readonly EventHandler[]): Promise<number>;
  /** Settles auth's outbox. */
  acknowledge(acks: Acks): Promise<void>;
  /** The lines of the log. */
  readonly logged: readonly string[];
  /** What was refused of what came in. */
  readonly refused: readonly string[];
  effects(key?: string): Promise<number[]>;
  inboxStatuses(): Promise<Record<string, number>>;
}

/** An outbox that nobody empties by itself. */
export const outboxOf = (service: string, database: Database) =>
  new Outbox(database, { service, maxPayload: () => 1_048_576, onCommit: () => undefined });

export function manualSubscriber(name: ManualSubscriber["name"], database: Database, auth: Database): ManualSubscriber {
  const refused: string[] = [];
  const logged: string[] = [];
  const log = (line: string) => void logged.push(line);
  const acknowledge = async (acks: Acks) => {
    await auth.transaction(async (tx) => {
      await settle(tx, name, acks.get("auth") ?? []);
    });
  };
  const claim = async () => {
    const possiblePoison = await claimDue(database, 100, { possiblePoison: true });
    return [...possiblePoison, ...(await claimDue(database, 100, { possiblePoison: false }))];
  };
  const runDueOnce: ManualSubscriber["runDueOnce"] = async (...workers) => {
    await database.query({
      text: "update event_inbox set next_attempt_at = now() where status = 'failed' and started_at is null",
    });
    const rows = await claim();
    const share = (worker: number) => rows.filter((_, index) => index % workers.length === worker);
    await Promise.all(
      workers.map(async (worker, index) => {
        for (const row of share(index)) await acknowledge(await runClaimed(worker, row));
      }),
    );
    return rows.length;
  };
  return {
    name,
    database,
    worker: (handlers, stopping = new AbortController().signal) => ({
      service: name,
      database,
      handlers: new HandlerTable(name, handlers),
      dependencies: { models: {}, outbox: outboxOf(name, database), stopping },
      leases: new Leases(database),
      metrics: new DeliveryMetrics(name),
      failures: new FailureLog({ warn: log, error: log }),
    }),
    deliver: async (worker, packs, { isolation = "batch", possiblePoison = false } = {}) => {
      const events = packs.flatMap(({ subject, body }) =>
        readPack(body, subject.slice(subject.indexOf(".") + 1), possiblePoison, (error) => refused.push(String(error))),
      );
      return (await handleBatch(worker, events, isolation)).acks;
    },
    runDue: async (worker) => {
      while ((await runDueOnce(worker)) > 0);
    },
    claim,
    claimAndEnd: async () => {
      const rows = await claim();
      await database.query({ text: "update event_inbox set next_attempt_at = now() where started_at is not null" });
      return rows;
    },
    runDueOnce,
    releaseHeld: (handlers) => releaseHeld(database, new HandlerTable(name, handlers)),
    acknowledge,
    logged,
    refused,
    effects: async (key) => {
      const { rows } = await database.query<{ n: number }>({
        text: "select n from effect where $1::text is null or key = $1 order by position",
        values: [key ?? null],
      });
      return rows.map(({ n }) => n);
    },
    inboxStatuses: () => statuses(database, "event_inbox"),
  };
}
