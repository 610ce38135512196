import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import { leaseMs } from "../claims/leases.ts";
import { postpone, recordProcessed } from "../claims/record-outcome.ts";
import { type CursorName, cursorKey, cursorNames } from "../events/cursor-name.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import type { InboxContext } from "../execution/inbox-context.ts";
import { withKeepalive } from "../execution/keepalive.ts";
import { maxConflicts } from "../execution/next-step.ts";
import type { EventHandler } from "../handlers/handler.ts";
import { isConflict } from "../handlers/handler-errors.ts";
import { runHandler } from "../handlers/run-handler.ts";
import { toMessage } from "../handlers/to-message.ts";
import { advanceCursors, lockCursors, readCursors } from "../rows/cursors.ts";
import { type StoredRow, storedEvent } from "../rows/stored-row.ts";
import { wakeNext } from "../rows/wake-next.ts";
import { writeEvents } from "../rows/write-events.ts";

/** Milliseconds that a stored event waits for its cursor: its worker slot is needed by others. */
const cursorWaitMs = 4_000;

/** Somebody else claimed the event while its handler ran. What the handler did is rolled back. */
export class ClaimLostError extends Error {}

/**
 * Handles one claimed event in a transaction of its own. After a conflict with another transaction it begins anew, as
 * often as a batch would.
 *
 * @returns false if the event is not processed, because its turn has not come or somebody else has dealt with it.
 * @throws ClaimLostError, what the handler threw, or an error of the database.
 */
export async function handleStored(
  context: InboxContext,
  row: StoredRow,
  handler: EventHandler,
  attempt: number,
): Promise<boolean> {
  const event = storedEvent(row);
  for (let conflicts = 1; ; conflicts++)
    try {
      return await withKeepalive(context.database, (tx) => handleOnce(context, tx, { row, event, handler, attempt }));
    } catch (error) {
      if (!isConflict(error) || conflicts >= maxConflicts) throw error;
      if (!(await postpone(context.database, row, leaseMs))) return false;
    }
}

/** A claimed event with what runs it. */
interface Claimed {
  readonly row: StoredRow;
  readonly event: IncomingEvent;
  readonly handler: EventHandler;
  /** From 1. */
  readonly attempt: number;
}

async function handleOnce(
  context: InboxContext,
  tx: Transaction,
  { row, event, handler, attempt }: Claimed,
): Promise<boolean> {
  const names = cursorNames([event]);
  if (names.length > 0) await lockCursorsBriefly(tx, names, context.database.options.limits?.batch.lockMs ?? 0);
  const [cursors, claimed] = await Promise.all([
    names.length > 0 ? readCursors(tx, names) : new Map<string, number>(),
    lockClaimed(tx, row),
  ]);
  if (!claimed) return false;
  const cursor = cursors.get(cursorKey(event)) ?? 0;
  // An event behind its cursor was replayed by an operator, and runs out of its turn.
  const ahead = event.sequence !== null && event.sequence > cursor;
  if (ahead && event.sequence !== cursor + 1) {
    await writeEvents(tx, [{ event, stored: true, outcome: { status: "parked" } }]);
    return false;
  }
  const enqueued = await runHandler(context.dependencies, tx, handler, [toMessage(handler, event, attempt)]);
  if (!(await recordProcessed(tx, row))) throw new ClaimLostError();
  if (ahead) {
    const reached = new Map([[cursorKey(event), cursor + 1]]);
    await Promise.all([advanceCursors(tx, reached), wakeNext(tx, reached)]);
  }
  if (enqueued.length > 0) context.dependencies.outbox.add(tx, enqueued);
  return true;
}

/** Locks the event's row, so that nobody claims it while its handler runs. @returns whether the claim still stands. */
async function lockClaimed(tx: Transaction, row: StoredRow): Promise<boolean> {
  const { rows } = await tx.query({
    name: "inbox-lock-stored",
    // `for key share` lets the lease be renewed meanwhile.
    text: `select 1 from event_inbox where id = $1 and generation = $2 and started_at = $3 and status = 'failed'
      for key share`,
    values: [row.id, row.generation, row.started_at],
  });
  return rows.length > 0;
}

async function lockCursorsBriefly(tx: Transaction, names: readonly CursorName[], thenMs: number): Promise<void> {
  await Promise.all([tx.query({ text: `set local lock_timeout = ${cursorWaitMs}` }), lockCursors(tx, names)]);
  // Sent after the answer. Sent at once it would fail in the aborted transaction, and its error could be thrown instead.
  await tx.query({ text: `set local lock_timeout = ${thenMs}` });
}
