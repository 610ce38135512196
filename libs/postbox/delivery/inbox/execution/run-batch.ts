import type { Transaction } from "../../../postgres/transaction.ts";
import type { Plan, Runnable } from "../plan/plan.ts";
import { advanceCursors } from "../rows/lock-cursors.ts";
import { insertProcessed } from "../rows/write-rows.ts";
import type { BatchAttempt } from "./batch-attempt.ts";
import { readSnapshot } from "./batch-snapshot.ts";
import type { InboxContext } from "./inbox-context.ts";
import { withKeepalive } from "./keepalive.ts";
import { type BatchResult, report } from "./report.ts";
import { type RunResult, runGroups } from "./run-groups.ts";
import { runLanes, throwIfLost } from "./run-lanes.ts";
import { reached, writeBatch } from "./write-batch.ts";

/** A failure in a batch that was run as a whole: nothing is committed, and it shows when run with isolation. */
export class BatchFailedError extends Error {}

/**
 * Runs one try of a batch in a transaction of its own.
 *
 * @param running is told what runs, so that a failure can be laid to it.
 * @throws RacedError, CarelessError, TimedOut, or what the database says.
 */
export async function runBatch(
  context: InboxContext,
  one: BatchAttempt,
  running: { items: readonly Runnable[] },
): Promise<BatchResult> {
  const begin = performance.now();
  const work = async (tx: Transaction) => {
    const snapshot = await readSnapshot(context, tx, one);
    const { plan } = snapshot;
    running.items = plan.run;
    const fresh = plan.run.filter(({ stored }) => !stored).map(({ event }) => event);
    if (fresh.length > 0) await insertProcessed(tx, fresh);
    const run = one.isolation === "batch" ? await runWhole(context, tx, plan) : await runSome(context, tx, plan);
    await writeBatch(context, tx, snapshot, run, one.wake);
    return { snapshot, run };
  };
  const { snapshot, run } = await withKeepalive(context.database, work);
  context.metrics.batch((performance.now() - begin) / 1000);
  return report(context, snapshot, run);
}

/** Keys go on while their handlers run: either all succeed, or nothing is committed. */
async function runWhole({ dependencies }: InboxContext, tx: Transaction, plan: Plan): Promise<RunResult> {
  const moved = advanceCursors(tx, plan.cursors);
  // It is told below, when no handler runs any more.
  moved.catch(() => undefined);
  const { failures, enqueued } = await runLanes(dependencies, tx, plan.run);
  await moved;
  throwIfLost(failures);
  if (failures.size > 0) throw new BatchFailedError();
  return { processed: plan.run, failed: new Map(), blocked: [], enqueued: [...enqueued] };
}

async function runSome({ dependencies }: InboxContext, tx: Transaction, plan: Plan): Promise<RunResult> {
  const run = await runGroups(dependencies, tx, plan.run);
  await advanceCursors(tx, reached(plan, run));
  return run;
}
