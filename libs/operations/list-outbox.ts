import type { Database } from "../database/database.ts";

export const outboxStatuses = [
  "scheduled",
  "pending",
  "published",
  "received",
  "processed",
  "dead",
  "skipped",
] as const;

/** Which rows are meant: all that fit each given property. Without `status`: all that are not final. */
export interface OutboxFilter {
  readonly status?: (typeof outboxStatuses)[number];
  readonly eventType?: string;
  readonly target?: string;
  readonly key?: string;
}

export interface OutboxRow extends Record<string, unknown> {
  readonly id: string;
  readonly event_type: string;
  readonly target: string;
  readonly key: string | null;
  readonly status: string;
  readonly attempts: number;
  readonly created_at: Date;
  readonly next_attempt_at: Date | null;
  readonly error_message: string | null;
}

/** What a service has published, newest first. */
export async function listOutbox(database: Database, filter: OutboxFilter, limit: number): Promise<OutboxRow[]> {
  const { rows } = await database.query<OutboxRow>({
    text: `select id, event_type, target, key, status, attempts, created_at, next_attempt_at, error_message from event_outbox
      where case when $1::text is null then status not in ('processed', 'skipped') else status = $1 end
        and ($2::text is null or event_type = $2) and ($3::text is null or target = $3) and ($4::text is null or key = $4)
      order by id desc limit $5`,
    values: [filter.status, filter.eventType, filter.target, filter.key, limit],
  });
  return rows;
}
