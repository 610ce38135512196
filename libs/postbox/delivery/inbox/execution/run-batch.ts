import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { Plan, Runnable } from "../plan/plan.ts";
import { advanceCursors } from "../rows/cursors.ts";
import { insertProcessed } from "../rows/insert-processed.ts";
import { BatchFailedError } from "./attempt-errors.ts";
import type { BatchAttempt } from "./batch-attempt.ts";
import { readSnapshot } from "./batch-snapshot.ts";
import type { InboxContext } from "./inbox-context.ts";
import { withKeepalive } from "./keepalive.ts";
import { type BatchResult, report } from "./report.ts";
import { type RunResult, runGroups } from "./run-groups.ts";
import { runLanes, throwIfLost } from "./run-lanes.ts";
import { reachedCursors, writeBatch } from "./write-batch.ts";

/**
 * Makes one attempt at a batch, in a transaction of its own.
 *
 * @param running receives what the attempt runs, for the caller to read when the attempt fails.
 * @throws ConcurrentWriteError, BatchFailedError, HandlersTimedOutError, HandlerStopped, or an error of the database.
 */
export async function runBatch(
  context: InboxContext,
  attempt: BatchAttempt,
  running: { items: readonly Runnable[] },
): Promise<BatchResult> {
  const begin = performance.now();
  const work = async (tx: Transaction) => {
    const snapshot = await readSnapshot(context, tx, attempt);
    const { plan } = snapshot;
    running.items = plan.run;
    const fresh = plan.run.filter(({ stored }) => !stored).map(({ event }) => event);
    if (fresh.length > 0) await insertProcessed(tx, fresh);
    const run =
      attempt.isolation === "batch" ? await runTogether(context, tx, plan) : await runIsolated(context, tx, plan);
    const writes = await writeBatch(context, tx, snapshot, run, attempt.parkedKeys);
    return { snapshot, run, writes };
  };
  const { snapshot, run, writes } = await withKeepalive(context.database, work);
  context.metrics.batch((performance.now() - begin) / 1000);
  return report(context, snapshot, run, writes);
}

/** Advances the cursors while the handlers run: either all succeed, or nothing is committed. */
async function runTogether({ dependencies }: InboxContext, tx: Transaction, plan: Plan): Promise<RunResult> {
  const advanced = advanceCursors(tx, plan.cursors);
  // A failure is thrown below, when no handler runs any more.
  advanced.catch(() => undefined);
  const { failures, enqueued } = await runLanes(dependencies, tx, plan.run);
  await advanced;
  throwIfLost(failures);
  if (failures.size > 0) throw new BatchFailedError();
  return { processed: plan.run, failed: new Map(), blocked: [], enqueued: [...enqueued] };
}

async function runIsolated({ dependencies }: InboxContext, tx: Transaction, plan: Plan): Promise<RunResult> {
  const run = await runGroups(dependencies, tx, plan.run);
  await advanceCursors(tx, reachedCursors(plan, run));
  return run;
}
