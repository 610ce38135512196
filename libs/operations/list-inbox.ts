import type { Database } from "../database/database.ts";
import { PostboxError } from "../errors/postbox-error.ts";

export const inboxStatuses = ["processed", "skipped", "failed", "parked", "held", "dead"] as const;

/** Which rows are meant: all that fit each given property. Without `status`: all that are not final. */
export interface InboxFilter {
  readonly status?: (typeof inboxStatuses)[number];
  readonly eventType?: string;
  readonly source?: string;
  readonly key?: string;
}

export interface InboxRow extends Record<string, unknown> {
  readonly id: string;
  readonly event_type: string;
  readonly source: string;
  readonly key: string | null;
  readonly status: string;
  readonly attempts: number;
  readonly received_at: Date;
  readonly next_attempt_at: Date | null;
  readonly error_message: string | null;
}

/** What a service has received, newest first. */
export async function listInbox(database: Database, filter: InboxFilter, limit: number): Promise<InboxRow[]> {
  const { rows } = await database.query<InboxRow>({
    text: `select id, event_type, source, key, status, attempts, received_at, next_attempt_at, error_message from event_inbox
      where case when $1::text is null then status not in ('processed', 'skipped') else status = $1 end
        and ($2::text is null or event_type = $2) and ($3::text is null or source = $3) and ($4::text is null or key = $4)
      order by id desc limit $5`,
    values: [filter.status, filter.eventType, filter.source, filter.key, limit],
  });
  return rows;
}

/** One event of the inbox with all that is known of it; `data` is kept while it is not processed. */
export async function showReceived(database: Database, id: string): Promise<Record<string, unknown>> {
  const { rows } = await database.query({ text: "select * from event_inbox where id = $1", values: [id] });
  const [row] = rows;
  if (row === undefined) throw new PostboxError("event-not-found", `There is no event ${id} in this service's inbox.`);
  return row;
}
