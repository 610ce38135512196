import type { Database } from "../../postgres/database.ts";
import { firstIdAt } from "./least-id.ts";

/** Rows that leave in one statement at most: a long DELETE holds locks, bloats the table and delays its vacuum. */
const batch = 5_000;

const dayMs = 86_400_000;

export interface Retention {
  readonly table: "event_outbox" | "event_inbox";
  /** How long final rows stay, in days. */
  readonly days: number;
  /** They stay as long as if it were this moment. Default: now. */
  readonly asOf?: Date | undefined;
}

/** Of the inbox, a skipped event stays until its key has passed it: without it the key would wait for it for ever. */
const passed = {
  event_outbox: "true",
  event_inbox: `(r.status = 'processed' or r.key is null or exists (select from inbox_mailbox m
    where m.source = r.source and m.key = r.key and m.last_sequence >= r.sequence))`,
} as const;

/**
 * Deletes final rows that are older than their retention, in bounded statements, the oldest first.
 *
 * @returns how many left.
 */
export async function deleteOld(
  database: Database,
  { table, days, asOf }: Retention,
  signal: AbortSignal,
): Promise<number> {
  const end = Math.min(Date.now(), asOf?.getTime() ?? Number.POSITIVE_INFINITY);
  let total = 0;
  for (;;) {
    const { rowCount } = await database.query({
      text: `delete from ${table} where id in (
        select r.id from ${table} r
        where r.id < $1 and r.status in ('processed', 'skipped')
          and r.processed_at < least(now(), $3::timestamptz) - $2 * interval '1 day' and ${passed[table]}
        order by r.id limit ${batch})`,
      values: [firstIdAt(end - days * dayMs), days, asOf ?? null],
    });
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < batch || signal.aborted) return total;
  }
}
