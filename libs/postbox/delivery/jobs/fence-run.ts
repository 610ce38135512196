import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { ClaimedRun } from "./claimed-run.ts";
import { endWhenIdle } from "./end-when-idle.ts";
import { renewLeases } from "./run-lease.ts";

/**
 * Runs `work` in a transaction that commits only if the run is still its scheduler's. The last thing it does is a sign that
 * the run goes on: whoever would take the run over waits for this COMMIT, and finds the lease renewed.
 *
 * @throws PostboxError `run-superseded` when the run has been taken over, or has overrun its time.
 */
export function fencedTransaction<T>(
  database: Database,
  run: ClaimedRun,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  return database.transaction(async (tx) => {
    const result = await work(tx);
    // Behind what `work` has left to be done before COMMIT, which may wait for others.
    tx.beforeCommit(() => hold(tx, run));
    return result;
  });
}

async function hold(tx: Transaction, run: ClaimedRun): Promise<void> {
  const [, own] = await Promise.all([endWhenIdle(tx), renewLeases(tx, [run])]);
  if (!own.has(run.id))
    throw new PostboxError(
      "run-superseded",
      `Attempt ${run.attempt} of job '${run.job.name}' for ${run.slot.toISOString()} came too late to commit: it has overrun its time, or its scheduler stood still and another has taken it over. Nothing of this transaction is kept.`,
    );
}
