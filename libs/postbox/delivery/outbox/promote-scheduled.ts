import type { Database } from "../../postgres/database.ts";
import { indexScansOnly } from "../../postgres/transaction/index-scans.ts";
import type { NewRow } from "./insert-rows.ts";
import { takeSequences } from "./take-sequences.ts";

/** Rows that become pending in one transaction at most. */
const batchSize = 500;

/**
 * Promotes all rows that are due, a batch a transaction.
 *
 * @param onBatch called after each transaction, so that its rows are published while the next batch is promoted.
 */
export async function promoteAll(database: Database, onBatch: () => void, signal: AbortSignal): Promise<void> {
  for (let promoted = batchSize; promoted === batchSize && !signal.aborted; ) {
    promoted = await promoteScheduled(database);
    if (promoted > 0) onBatch();
  }
}

/**
 * `scheduled` to `pending`, for rows that are due by the database's clock. A keyed row takes its sequence number here:
 * a number taken at enqueue would block the key until the row is due.
 *
 * @returns how many rows became pending.
 */
export function promoteScheduled(database: Database, limit = batchSize): Promise<number> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.query<Pick<NewRow, "id" | "target" | "key">>({
      name: "outbox-claim-scheduled",
      text: `select id, target, key from event_outbox
        where status = 'scheduled' and next_attempt_at <= now()
        order by next_attempt_at, position limit $1 for update skip locked`,
      values: [limit],
    });
    if (rows.length === 0) return 0;
    const sequences = await takeSequences(tx, rows);
    await tx.query({
      name: "outbox-promote",
      text: `update event_outbox o set status = 'pending', next_attempt_at = null, sequence = numbered.sequence
        from unnest($1::uuid[], $2::bigint[]) as numbered (id, sequence) where o.id = numbered.id`,
      values: [rows.map(({ id }) => id), rows.map(({ id }) => sequences.get(id) ?? null)],
    });
    return rows.length;
  }, indexScansOnly);
}
