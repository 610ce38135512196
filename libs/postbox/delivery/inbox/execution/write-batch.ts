import type { Transaction } from "../../../postgres/transaction.ts";
import { firstOutcome } from "../plan/outcome.ts";
import { cursorKey, type Plan, type Put } from "../plan/plan.ts";
import { type CursorName, wakeNext } from "../rows/lock-cursors.ts";
import { markProcessed, putEvents, rearm, restParked } from "../rows/write-rows.ts";
import type { Look } from "./batch-snapshot.ts";
import type { InboxContext } from "./inbox-context.ts";
import type { RunResult } from "./run-groups.ts";

/** Writes how the events of a batch ended, and makes due what may wait behind them. */
export async function writeBatch(
  { workshop }: InboxContext,
  tx: Transaction,
  { plan, moreWaiting }: Look,
  run: RunResult,
  wake: readonly CursorName[],
): Promise<void> {
  const puts = [...plan.put, ...putsOf(run)];
  const taken = run.processed.filter(({ stored }) => stored).map(({ arrival }) => arrival.id);
  const own = [...run.failed.keys(), ...run.blocked].filter(({ stored }) => !stored).map(({ arrival }) => arrival.id);
  await Promise.all([
    puts.length > 0 ? putEvents(tx, puts, own) : undefined,
    taken.length > 0 ? markProcessed(tx, taken) : undefined,
    plan.rearm.length > 0 ? rearm(tx, plan.rearm) : undefined,
    wake.length > 0 ? restParked(tx, wake) : undefined,
    // Behind the others: what they take up is parked no more.
    moreWaiting ? wakeNext(tx, reached(plan, run)) : undefined,
  ]);
  if (run.enqueued.length > 0) workshop.outbox.add(tx, run.enqueued);
}

/** What is stored because it failed, or stands behind what failed. */
export function putsOf({ failed, blocked }: RunResult): Put[] {
  return [
    ...[...failed].map(([item, error]) => ({ ...item, outcome: firstOutcome(error, item.handler) })),
    ...blocked.map((item) => ({ ...item, outcome: { status: "parked" as const } })),
  ];
}

/** How far each key has come: the plan's end of it, or just before its first event that failed. */
export function reached(plan: Plan, { failed }: RunResult): Map<string, number> {
  const cursors = new Map(plan.cursors);
  for (const { arrival } of failed.keys()) {
    if (arrival.key === null || arrival.sequence === null) continue;
    const key = cursorKey(arrival);
    cursors.set(key, Math.min(cursors.get(key) ?? 0, arrival.sequence - 1));
  }
  return cursors;
}
