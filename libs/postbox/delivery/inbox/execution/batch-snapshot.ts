import type { Transaction } from "../../../postgres/transaction.ts";
import { cursorKey, type KnownRow, type Plan, planBatch } from "../plan/plan.ts";
import { cursorNames, lockCursors, readCursors } from "../rows/lock-cursors.ts";
import { readKnown, readWaiting, takeUpLimit } from "../rows/read-rows.ts";
import type { Try } from "./batch-attempt.ts";
import type { InboxContext } from "./inbox-context.ts";

/** What is to become of a batch. */
export interface Look {
  readonly plan: Plan;
  /** Whether more stored events of its keys may wait than it takes up. */
  readonly moreWaiting: boolean;
}

/** Locks what the batch touches and decides on each event. All statements go out together: the connection is pipelined. */
export async function lookAt(
  { handlers }: InboxContext,
  tx: Transaction,
  { arrivals, wake, care, lookUp, deferAll, excluded }: Try,
): Promise<Look> {
  const keys = [...new Map([...cursorNames(arrivals), ...wake].map((name) => [cursorKey(name), name])).values()];
  const limit = care !== "alone" ? takeUpLimit : arrivals.length === 0 ? 1 : 0;
  const ids = arrivals.map(({ id }) => id);
  const [, cursors, waiting, known] = await Promise.all([
    keys.length > 0 ? lockCursors(tx, keys) : undefined,
    keys.length > 0 ? readCursors(tx, keys) : new Map<string, number>(),
    keys.length > 0 && limit > 0 ? readWaiting(tx, keys, limit) : { arrivals: [], more: keys.length > 0 },
    lookUp && ids.length > 0 ? readKnown(tx, ids) : new Map<string, KnownRow>(),
  ]);
  const input = { arrivals, waiting: waiting.arrivals, known, cursors, excluded, deferAll, handlers };
  const plan = planBatch(input);
  // Only what runs is sure to be new; what would be stored otherwise may have a row already.
  const unsure = !lookUp && (plan.put.length > 0 || waiting.arrivals.some(({ id }) => ids.includes(id)));
  return { plan: unsure ? planBatch({ ...input, known: await readKnown(tx, ids) }) : plan, moreWaiting: waiting.more };
}
