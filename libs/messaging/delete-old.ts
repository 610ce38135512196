import type { Database } from "../database/database.ts";

/** Rows that leave in one statement at most: a long DELETE holds locks, bloats the table and delays its vacuum. */
const batch = 5_000;

interface Retention {
  readonly table: "event_outbox" | "event_inbox";
  /** How long final rows stay, in days. */
  readonly days: number;
}

/**
 * Deletes final rows that are older than their retention, in bounded statements. The ids are UUID v7, so the oldest
 * stand first in the primary key and no index on a time is needed.
 *
 * @returns how many left.
 */
export async function deleteOld(database: Database, { table, days }: Retention, signal: AbortSignal): Promise<number> {
  let total = 0;
  for (;;) {
    const { rowCount } = await database.query({
      text: `delete from ${table} where id in (
        select id from ${table}
        where id < $1 and status in ('processed', 'skipped') and processed_at < now() - $2 * interval '1 day'
        order by id limit ${batch})`,
      values: [uuidv7Floor(Date.now() - days * 86_400_000), days],
    });
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < batch || signal.aborted) return total;
  }
}

/** The least UUID v7 of a moment (RFC 9562, 5.7: its first 48 bits are Unix milliseconds). */
function uuidv7Floor(ms: number): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
