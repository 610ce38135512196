import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";
import { type Columns, columnList } from "../../postgres/transaction/columns.ts";

/** One event of an outbox with its payload. `sequence` is a bigint as text. */
export interface PublishedEvent {
  readonly id: string;
  readonly event_type: string;
  readonly target: string;
  readonly key: string | null;
  readonly attempts: number;
  readonly generation: number;
  readonly error_message: string | null;
  readonly created_at: Date;
  readonly status: string;
  readonly version: number;
  readonly sequence: string | null;
  readonly send_number: number;
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly published_at: Date | null;
  readonly processed_at: Date | null;
}

const columns: Columns<PublishedEvent> = {
  id: "id",
  event_type: "event_type",
  target: "target",
  key: "key",
  attempts: "attempts",
  generation: "generation",
  error_message: "error_message",
  created_at: "created_at",
  status: "status",
  version: "version",
  sequence: "sequence",
  send_number: "send_number",
  data: "data",
  headers: "headers",
  published_at: "published_at",
  processed_at: "processed_at",
};

/**
 * One event of a service's outbox.
 *
 * @throws PostboxError `event-not-found`.
 */
export async function showPublished(database: Database, id: string): Promise<PublishedEvent> {
  const { rows } = await database.query<PublishedEvent>({
    name: "outbox-show",
    text: `select ${columnList(columns)} from event_outbox where id = $1`,
    values: [id],
  });
  const [event] = rows;
  if (event === undefined)
    throw new PostboxError("event-not-found", `There is no event ${id} in this service's outbox.`);
  return event;
}
