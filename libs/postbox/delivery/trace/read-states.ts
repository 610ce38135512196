import type { Database } from "../../postgres/database.ts";
import { type Columns, columnList } from "../../postgres/transaction/columns.ts";
import { indexScansOnly } from "../../postgres/transaction/index-scans.ts";
import { firstIdAt } from "../retention/first-id-at.ts";
import type { PublishedState, ReceivedState, TracedRun } from "./traced-event.ts";

const published: Columns<PublishedState> = {
  id: "id",
  event_type: "event_type",
  target: "target",
  key: "key",
  status: "status",
  attempts: "attempts",
  generation: "generation",
  created_at: "created_at",
  published_at: "published_at",
  processed_at: "processed_at",
  error_message: "error_message",
  correlation_id: "headers->>'correlation_id'",
  causation_id: "headers->>'causation_id'",
};

/** One event of an outbox; undefined if it is not there. */
export async function readPublished(database: Database, id: string): Promise<PublishedState | undefined> {
  const { rows } = await database.query<PublishedState>({
    name: "trace-published",
    text: `select ${columnList(published)} from event_outbox where id = $1`,
    values: [id],
  });
  return rows[0];
}

/** The events of an outbox that have a correlation id and were enqueued in a range of time, at most `limit`. */
export async function readCorrelated(
  database: Database,
  correlation: string,
  { from, until }: { readonly from: number; readonly until: number },
  limit: number,
): Promise<PublishedState[]> {
  const { rows } = await database.transaction(
    (tx) =>
      tx.query<PublishedState>({
        name: "trace-correlated",
        text: `select ${columnList(published)} from event_outbox
          where id >= $1 and id < $2 and headers->>'correlation_id' = $3 order by id limit $4`,
        values: [firstIdAt(from), firstIdAt(until), correlation, limit],
      }),
    indexScansOnly,
  );
  return rows;
}

const received: Columns<ReceivedState> = {
  id: "id",
  status: "status",
  attempts: "attempts",
  received_at: "received_at",
  processed_at: "processed_at",
  next_attempt_at: "next_attempt_at",
  error_message: "error_message",
};

/** The rows of these events in an inbox, by id. */
export async function readReceived(
  database: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Omit<ReceivedState, "id">>> {
  const { rows } = await database.query<ReceivedState>({
    name: "trace-received",
    text: `select ${columnList(received)} from event_inbox where id = any($1::uuid[])`,
    values: [ids],
  });
  return new Map(rows.map(({ id, ...row }) => [id, row]));
}

const run: Columns<Omit<TracedRun, "service">> = {
  id: "id",
  job: "job",
  slot: "slot",
  status: "status",
  attempts: "attempts",
  started_at: "started_at",
  finished_at: "finished_at",
  error_message: "error_message",
};

/** One run of a job; undefined if it is not there. */
export async function readRun(database: Database, id: string): Promise<Omit<TracedRun, "service"> | undefined> {
  const { rows } = await database.query<Omit<TracedRun, "service">>({
    name: "trace-run",
    text: `select ${columnList(run)} from job_run where id = $1`,
    values: [id],
  });
  return rows[0];
}
