import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import { type CursorName, cursorKey } from "../events/cursor-name.ts";
import { firstOutcome } from "../plan/outcome.ts";
import type { InboxWrite, Plan } from "../plan/plan.ts";
import { markProcessed } from "../rows/mark-processed.ts";
import { rearm } from "../rows/rearm.ts";
import { restParked } from "../rows/rest-parked.ts";
import { wakeNext } from "../rows/wake-next.ts";
import { writeEvents } from "../rows/write-events.ts";
import type { BatchSnapshot } from "./batch-snapshot.ts";
import type { InboxContext } from "./inbox-context.ts";
import type { RunResult } from "./run-groups.ts";

/**
 * Writes how the events of a batch ended, and makes due the events that were left waiting and whose turn has come.
 *
 * @returns the events that were not processed, each with the outcome that is written.
 */
export async function writeBatch(
  { dependencies }: InboxContext,
  tx: Transaction,
  { plan, moreWaiting }: BatchSnapshot,
  run: RunResult,
  parkedKeys: readonly CursorName[],
): Promise<InboxWrite[]> {
  const writes = [...plan.writes, ...writesOf(run)];
  const takenUp = run.processed.filter(({ stored }) => stored).map(({ event }) => event.id);
  const own = [...run.failed.keys(), ...run.blocked].filter(({ stored }) => !stored).map(({ event }) => event.id);
  await Promise.all([
    writes.length > 0 ? writeEvents(tx, writes, own) : undefined,
    takenUp.length > 0 ? markProcessed(tx, takenUp) : undefined,
    plan.rearm.length > 0 ? rearm(tx, plan.rearm) : undefined,
    parkedKeys.length > 0 ? restParked(tx, parkedKeys) : undefined,
    // The last statement: an event that was taken up is no longer parked by then.
    moreWaiting ? wakeNext(tx, reachedCursors(plan, run)) : undefined,
  ]);
  if (run.enqueued.length > 0) dependencies.outbox.add(tx, run.enqueued);
  return writes;
}

/** How the events are stored that failed, or follow a failed event of their key. */
function writesOf({ failed, blocked }: RunResult): InboxWrite[] {
  return [
    ...[...failed].map(([item, error]) => ({ ...item, outcome: firstOutcome(error, item.handler) })),
    ...blocked.map((item) => ({ ...item, outcome: { status: "parked" as const } })),
  ];
}

/**
 * Where the cursors stand after a run: where the plan moves them, or just before the first failed event of their key.
 */
export function reachedCursors(plan: Plan, { failed }: RunResult): Map<string, number> {
  const cursors = new Map(plan.cursors);
  for (const { event } of failed.keys()) {
    if (event.key === null || event.sequence === null) continue;
    const key = cursorKey(event);
    cursors.set(key, Math.min(cursors.get(key) ?? 0, event.sequence - 1));
  }
  return cursors;
}
