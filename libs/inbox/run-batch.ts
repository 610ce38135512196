import type { Transaction } from "../database/transaction.ts";
import type { Try } from "./care.ts";
import type { InboxContext } from "./context.ts";
import { look } from "./look.ts";
import type { Runnable } from "./plan.ts";
import { type BatchResult, report } from "./report.ts";
import { type RunResult, runGroups } from "./run-groups.ts";
import { runLanes, throwIfLost } from "./run-lanes.ts";
import { whileAlive } from "./while-alive.ts";
import { writeBatch } from "./write-batch.ts";
import { insertProcessed } from "./write-rows.ts";

/** A failure in a batch that was run as a whole: nothing is committed, and it shows when run with care. */
export class CarelessError extends Error {}

/**
 * Runs one try of a batch in a transaction of its own.
 *
 * @param running is told what runs, so that a failure can be laid to it.
 * @throws RacedError, CarelessError, TimedOut, or what the database says.
 */
export async function runBatch(
  context: InboxContext,
  one: Try,
  running: { items: readonly Runnable[] },
): Promise<BatchResult> {
  const begin = performance.now();
  const work = async (tx: Transaction) => {
    const { plan, moreWaiting } = await look(context, tx, one);
    running.items = plan.run;
    const fresh = plan.run.filter(({ stored }) => !stored).map(({ arrival }) => arrival);
    if (fresh.length > 0) await insertProcessed(tx, fresh);
    const run =
      one.care === "whole" ? await runWhole(context, tx, plan.run) : await runGroups(context.workshop, tx, plan.run);
    await writeBatch(context, tx, plan, run, one.wake, moreWaiting);
    return { plan, run };
  };
  const { plan, run } = await whileAlive(context.database, work);
  context.metrics.batch((performance.now() - begin) / 1000);
  return report(context, plan, run);
}

async function runWhole({ workshop }: InboxContext, tx: Transaction, items: readonly Runnable[]): Promise<RunResult> {
  const { failures, enqueued } = await runLanes(workshop, tx, items);
  throwIfLost(failures);
  if (failures.size > 0) throw new CarelessError();
  return { processed: [...items], failed: new Map(), blocked: [], enqueued: [...enqueued] };
}
