import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import { cursorKey, cursorNames } from "../events/cursor-name.ts";
import { type KnownRow, type Plan, planBatch } from "../plan/plan.ts";
import { lockCursors, readCursors } from "../rows/cursors.ts";
import { readKnown } from "../rows/read-known.ts";
import { readWaiting, takeUpLimit } from "../rows/read-waiting.ts";
import type { BatchAttempt } from "./batch-attempt.ts";
import type { InboxContext } from "./inbox-context.ts";

/** What one transaction has read about a batch, and the plan that follows. */
export interface BatchSnapshot {
  readonly plan: Plan;
  /** Whether more stored events of the batch's keys may wait than the plan takes up. */
  readonly moreWaiting: boolean;
}

/**
 * Locks the cursors of a batch, reads what the inbox knows, and plans. All statements go out at once on the pipelined
 * connection.
 */
export async function readSnapshot(
  { handlers }: InboxContext,
  tx: Transaction,
  { events, parkedKeys, isolation, readKnownRows, deferAll, excluded }: BatchAttempt,
): Promise<BatchSnapshot> {
  const names = [...new Map([...cursorNames(events), ...parkedKeys].map((name) => [cursorKey(name), name])).values()];
  const limit = isolation !== "event" ? takeUpLimit : events.length === 0 ? 1 : 0;
  const ids = events.map(({ id }) => id);
  const [, cursors, waiting, known] = await Promise.all([
    names.length > 0 ? lockCursors(tx, names) : undefined,
    names.length > 0 ? readCursors(tx, names) : new Map<string, number>(),
    names.length > 0 && limit > 0 ? readWaiting(tx, names, limit) : { events: [], more: names.length > 0 },
    readKnownRows && ids.length > 0 ? readKnown(tx, ids) : new Map<string, KnownRow>(),
  ]);
  const input = { events, waiting: waiting.events, known, cursors, excluded, deferAll, handlers };
  const plan = planBatch(input);
  // The insert finds known events among those that run. Those that are written instead must be read.
  const mustRead = !readKnownRows && (plan.writes.length > 0 || waiting.events.some(({ id }) => ids.includes(id)));
  return {
    plan: mustRead ? planBatch({ ...input, known: await readKnown(tx, ids) }) : plan,
    moreWaiting: waiting.more,
  };
}
