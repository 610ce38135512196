import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { ServiceTransaction } from "../outbox/service-transaction.ts";
import type { ClaimedRun } from "./claimed-run.ts";
import { endWhenIdle } from "./end-when-idle.ts";
import type { JobDependencies } from "./job-dependencies.ts";
import { renewLeases } from "./run-lease.ts";

/**
 * Runs `work` in a transaction that commits only while this scheduler has the run's lease.
 *
 * The transaction renews the lease just before COMMIT, which locks the run. A scheduler that wants to take the run over
 * waits for this COMMIT, and then finds the lease renewed.
 *
 * @throws PostboxError `run-superseded` if another scheduler has taken the run over, or the run has overrun its time.
 */
export function fencedTransaction<T>(
  { outbox, database }: Pick<JobDependencies, "outbox" | "database">,
  run: ClaimedRun,
  work: (tx: ServiceTransaction) => Promise<T>,
): Promise<T> {
  return outbox.transaction(async (tx) => {
    const result = await work(tx);
    // Added last, so that it runs after the hooks of `work`, which may take long.
    tx.beforeCommit(() => renewOrRefuse(tx, run));
    return result;
  }, database);
}

async function renewOrRefuse(tx: Transaction, run: ClaimedRun): Promise<void> {
  const [, renewed] = await Promise.all([endWhenIdle(tx), renewLeases(tx, [run])]);
  if (!renewed.has(run.id))
    throw new PostboxError(
      "run-superseded",
      `Attempt ${run.attempt} of job '${run.job.name}' for ${run.slot.toISOString()} came too late to commit: it has overrun its time, or its scheduler stood still and another has taken it over. Nothing of this transaction is kept.`,
    );
}
