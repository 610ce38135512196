import type { Database } from "../../postgres/database.ts";
import { firstIdAt } from "./first-id-at.ts";

/** Rows that one statement deletes at most. A long DELETE keeps its locks, bloats the table and delays vacuum. */
const batchSize = 5_000;

const dayMs = 86_400_000;

export interface Retention {
  readonly table: "event_outbox" | "event_inbox";
  /** Days for which final rows are kept. */
  readonly days: number;
  /** The moment from which the days are counted back. A moment in the future counts as now. Default: now. */
  readonly asOf?: Date | undefined;
}

/**
 * SQL: whether a row may go. A skipped event of the inbox is kept until its key has passed it. Without the row, its key
 * would wait for the event for ever.
 */
const deletable = {
  event_outbox: "true",
  event_inbox: `(r.status = 'processed' or r.key is null or exists (select from inbox_mailbox m
    where m.source = r.source and m.key = r.key and m.last_sequence >= r.sequence))`,
} as const;

/**
 * Deletes final rows that are older than their retention, the oldest first, a batch a statement.
 *
 * @param signal ends the deletion after the present statement.
 * @returns how many rows were deleted.
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
          and r.processed_at < least(now(), $3::timestamptz) - $2 * interval '1 day' and ${deletable[table]}
        order by r.id limit ${batchSize})`,
      values: [firstIdAt(end - days * dayMs), days, asOf ?? null],
    });
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < batchSize || signal.aborted) return total;
  }
}
