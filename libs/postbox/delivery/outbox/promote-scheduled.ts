import type { Database } from "../../postgres/database.ts";
import { indexScansOnly } from "../../postgres/transaction/index-scans.ts";
import type { NewRow } from "./insert-rows.ts";
import { takeSequences } from "./take-sequences.ts";

/** Events that become pending in one transaction. */
const batch = 500;

/**
 * Promotes all that is available, in as many transactions as it takes.
 *
 * @param onBatch called after each of them: there is something to publish already.
 */
export async function promoteAll(database: Database, onBatch: () => void, signal: AbortSignal): Promise<void> {
  for (let promoted = batch; promoted === batch && !signal.aborted; ) {
    promoted = await promoteScheduled(database);
    if (promoted > 0) onBatch();
  }
}

/**
 * `scheduled` to `pending`, for what is available now by the database's clock. A keyed row takes its sequence number
 * here, not when it was enqueued, or it would block its key until its time.
 *
 * @returns how many became pending.
 */
export function promoteScheduled(database: Database, most = batch): Promise<number> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.query<Pick<NewRow, "id" | "target" | "key">>({
      name: "outbox-claim-scheduled",
      text: `select id, target, key from event_outbox
        where status = 'scheduled' and next_attempt_at <= now()
        order by next_attempt_at, position limit $1 for update skip locked`,
      values: [most],
    });
    if (rows.length === 0) return 0;
    const sequences = await takeSequences(tx, rows);
    await tx.query({
      name: "outbox-promote",
      text: `update event_outbox o set status = 'pending', next_attempt_at = null, sequence = row.sequence
        from unnest($1::uuid[], $2::bigint[]) as row (id, sequence) where o.id = row.id`,
      values: [rows.map(({ id }) => id), rows.map(({ id }) => sequences.get(id) ?? null)],
    });
    return rows.length;
  }, indexScansOnly);
}
