import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";
import { type Columns, columnList } from "../../postgres/transaction/columns.ts";

/** One event of an inbox, with all columns. `sequence` is a bigint as text. */
export interface ReceivedEvent {
  readonly id: string;
  readonly source: string;
  readonly event_type: string;
  readonly version: number;
  readonly key: string | null;
  readonly sequence: string | null;
  readonly payload_hash: string;
  /** Null once the event is processed. */
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly status: string;
  readonly generation: number;
  readonly attempts: number;
  readonly crashes: number;
  readonly started_at: Date | null;
  readonly next_attempt_at: Date | null;
  readonly error_message: string | null;
  readonly occurred_at: Date | null;
  readonly received_at: Date;
  readonly processed_at: Date | null;
  readonly bytes: number | null;
  readonly interruptions: number;
}

const columns: Columns<ReceivedEvent> = {
  id: "id",
  source: "source",
  event_type: "event_type",
  version: "version",
  key: "key",
  sequence: "sequence",
  payload_hash: "payload_hash",
  data: "data",
  headers: "headers",
  status: "status",
  generation: "generation",
  attempts: "attempts",
  crashes: "crashes",
  started_at: "started_at",
  next_attempt_at: "next_attempt_at",
  error_message: "error_message",
  occurred_at: "occurred_at",
  received_at: "received_at",
  processed_at: "processed_at",
  bytes: "bytes",
  interruptions: "interruptions",
};

/**
 * One event of a service's inbox.
 *
 * @throws PostboxError `event-not-found`.
 */
export async function showReceived(database: Database, id: string): Promise<ReceivedEvent> {
  const { rows } = await database.query<ReceivedEvent>({
    text: `select ${columnList(columns)} from event_inbox where id = $1`,
    values: [id],
  });
  const [row] = rows;
  if (row === undefined) throw new PostboxError("event-not-found", `There is no event ${id} in this service's inbox.`);
  return row;
}
