import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";
import { type Box, boxes } from "./box.ts";

/** Which events are meant: all that fit each given property. Without `status`: all that are not final. */
export interface EventFilter {
  readonly status?: string;
  readonly eventType?: string;
  /** The service at the other end. */
  readonly peer?: string;
  readonly key?: string;
}

/** An event as it is listed, with the columns that `boxes` names for its box; the payload is shown one at a time. */
export interface EventRow extends Record<string, unknown> {
  readonly id: string;
  readonly event_type: string;
  readonly key: string | null;
  readonly status: string;
  readonly attempts: number;
  readonly next_attempt_at: Date | null;
  readonly error_message: string | null;
}

/** What a service has published or received, newest first. */
export async function listEvents(
  database: Database,
  box: Box,
  filter: EventFilter,
  limit: number,
): Promise<EventRow[]> {
  const { peer, since } = boxes[box];
  const { rows } = await database.query<EventRow>({
    text: `select id, event_type, ${peer}, key, status, attempts, ${since}, next_attempt_at, error_message from event_${box}
      where case when $1::text is null then status not in ('processed', 'skipped') else status = $1 end
        and ($2::text is null or event_type = $2) and ($3::text is null or ${peer} = $3) and ($4::text is null or key = $4)
      order by id desc limit $5`,
    values: [filter.status, filter.eventType, filter.peer, filter.key, limit],
  });
  return rows;
}

/**
 * One event of the inbox with all that is known of it; `data` is kept while it is not processed.
 *
 * @throws PostboxError `event-not-found`.
 */
export async function showReceived(database: Database, id: string): Promise<Record<string, unknown>> {
  const { rows } = await database.query({ text: "select * from event_inbox where id = $1", values: [id] });
  const [row] = rows;
  if (row === undefined) throw new PostboxError("event-not-found", `There is no event ${id} in this service's inbox.`);
  return row;
}
