import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import { cursorKey, cursorNames } from "../events/cursor-name.ts";
import { type KnownRow, type Plan, planBatch } from "../plan/plan.ts";
import { lockCursors, readCursors } from "../rows/cursors.ts";
import { readKnown } from "../rows/read-known.ts";
import { readWaiting, takeUpLimit } from "../rows/read-waiting.ts";
import type { BatchAttempt } from "./batch-attempt.ts";
import type { InboxContext } from "./inbox-context.ts";

/** What is to become of a batch. */
export interface BatchSnapshot {
  readonly plan: Plan;
  /** Whether more stored events of its keys may wait than it takes up. */
  readonly moreWaiting: boolean;
}

/** Locks what the batch touches and decides on each event. All statements go out together: the connection is pipelined. */
export async function readSnapshot(
  { handlers }: InboxContext,
  tx: Transaction,
  { events, parkedKeys, isolation, readKnownRows, deferAll, excluded }: BatchAttempt,
): Promise<BatchSnapshot> {
  const keys = [...new Map([...cursorNames(events), ...parkedKeys].map((name) => [cursorKey(name), name])).values()];
  const limit = isolation !== "event" ? takeUpLimit : events.length === 0 ? 1 : 0;
  const ids = events.map(({ id }) => id);
  const [, cursors, waiting, known] = await Promise.all([
    keys.length > 0 ? lockCursors(tx, keys) : undefined,
    keys.length > 0 ? readCursors(tx, keys) : new Map<string, number>(),
    keys.length > 0 && limit > 0 ? readWaiting(tx, keys, limit) : { events: [], more: keys.length > 0 },
    readKnownRows && ids.length > 0 ? readKnown(tx, ids) : new Map<string, KnownRow>(),
  ]);
  const input = { events, waiting: waiting.events, known, cursors, excluded, deferAll, handlers };
  const plan = planBatch(input);
  // Only what runs is sure to be new; what would be stored otherwise may have a row already.
  const unsure = !readKnownRows && (plan.writes.length > 0 || waiting.events.some(({ id }) => ids.includes(id)));
  return { plan: unsure ? planBatch({ ...input, known: await readKnown(tx, ids) }) : plan, moreWaiting: waiting.more };
}
