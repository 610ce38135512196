import { setTimeout as delay } from "node:timers/promises";
import { backoffMs } from "../../../core/backoff/full-jitter.ts";
import { PermanentError } from "../../../core/errors/permanent-error.ts";
import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { Ack } from "../../wire/ack.ts";
import { leaseMs } from "../claims/leases.ts";
import { postpone, recordOutcome, recordProcessed } from "../claims/record-outcome.ts";
import { type CursorName, cursorKey, cursorNames } from "../events/cursor-name.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import { asError } from "../execution/attempt-errors.ts";
import type { InboxContext } from "../execution/inbox-context.ts";
import { withKeepalive } from "../execution/keepalive.ts";
import { maxConflicts } from "../execution/next-step.ts";
import { isConflict } from "../handlers/handler-errors.ts";
import { runHandler } from "../handlers/run-handler.ts";
import { toMessage } from "../handlers/to-message.ts";
import { isIdleTimeout, isInterruption } from "../plan/interruption.ts";
import { type Outcome, outcomeOf } from "../plan/outcome.ts";
import { advanceCursors, lockCursors, readCursors } from "../rows/cursors.ts";
import { type StoredRow, storedEvent } from "../rows/stored-row.ts";
import { wakeNext } from "../rows/wake-next.ts";
import { writeEvents } from "../rows/write-events.ts";

/** Crashes after which an event is taken for what ends its process. */
const maxCrashes = 3;

/** Milliseconds that a stored event waits for its key: others need its place. */
const cursorWaitMs = 4_000;

/** Milliseconds until a stored event runs again that was cut off by its worker, which stops or stood still. */
const cutOffMs = 1_000;

/**
 * Runs one stored event by itself, in a transaction of its own, and records how it ended.
 *
 * @returns what to tell its publisher, or undefined while it is kept for later.
 */
export async function runStored(context: InboxContext, row: StoredRow): Promise<Ack | undefined> {
  const event = storedEvent(row);
  const attempt = row.attempts + 1;
  if (row.crashes >= maxCrashes) {
    const error = new PermanentError(`Its process ended or stood still ${row.crashes} times while it was handled.`);
    return record(context, row, { status: "dead", attempts: attempt, error: error.message });
  }
  const handler = context.handlers.find(event);
  if (handler === undefined) return record(context, row, { status: "held" });
  try {
    if (!(await runPatiently(context, row, event, attempt))) return undefined;
    context.metrics.handled("processed", 1);
    return { id: event.id, generation: event.generation, status: "processed", attempts: attempt, error: null };
  } catch (error) {
    if (error instanceof ClaimLostError) return undefined;
    const stops = context.dependencies.stopping.aborted;
    if (!stops && isIdleTimeout(error)) {
      // It is left as one that was begun and never ended: the next claim counts a crash.
      await postpone(context.database, row, cutOffMs);
      return undefined;
    }
    return record(context, row, stops ? stoppedOutcome(row) : outcomeOf(asError(error), row, handler));
  }
}

function stoppedOutcome({ attempts, interruptions, error_message: error }: StoredRow): Outcome {
  return { status: "failed", attempts, interruptions, error, dueInMs: cutOffMs };
}

/** Somebody else has taken the event up while its handler ran: what the handler did is rolled back. */
class ClaimLostError extends Error {}

/** Begins anew after a conflict with another transaction, as often as a batch would. @returns as `runOne`. */
async function runPatiently(
  context: InboxContext,
  row: StoredRow,
  event: IncomingEvent,
  attempt: number,
): Promise<boolean> {
  for (let conflicts = 1; ; conflicts++)
    try {
      return await withKeepalive(context.database, (tx) => runOne(context, tx, row, event, attempt));
    } catch (error) {
      if (!isConflict(error) || conflicts >= maxConflicts) throw error;
      if (!(await postpone(context.database, row, leaseMs))) return false;
    }
}

/**
 * Its row is locked against all others but the signs that the claim holds (`for key share`): nobody claims it while the
 * handler runs.
 *
 * @returns false if it is not its turn, or somebody else has dealt with it.
 */
async function runOne(
  context: InboxContext,
  tx: Transaction,
  row: StoredRow,
  event: IncomingEvent,
  attempt: number,
): Promise<boolean> {
  const handler = context.handlers.find(event);
  if (handler === undefined) return false;
  const keys = cursorNames([event]);
  if (keys.length > 0) await lockCursorBriefly(tx, keys);
  const [cursors, { rows }] = await Promise.all([
    keys.length > 0 ? readCursors(tx, keys) : new Map<string, number>(),
    tx.query({
      name: "inbox-lock-stored",
      text: `select 1 from event_inbox where id = $1 and generation = $2 and started_at = $3 and status = 'failed'
        for key share`,
      values: [row.id, row.generation, row.started_at],
    }),
  ]);
  if (rows.length === 0) return false;
  const cursor = cursors.get(cursorKey(event)) ?? 0;
  // Behind the cursor it is there because an operator replayed it: it runs out of its turn.
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

async function lockCursorBriefly(tx: Transaction, keys: readonly CursorName[]): Promise<void> {
  await Promise.all([tx.query({ text: `set local lock_timeout = ${cursorWaitMs}` }), lockCursors(tx, keys)]);
  // Behind it, not beside it: what a later statement is answered in an aborted transaction could be told instead.
  await tx.query({ text: "set local lock_timeout = 0" });
}

/** Goes on while the database is away: left as it is, an event would count as one that was begun and never ended. */
async function recordPatiently(
  { database, dependencies }: InboxContext,
  row: StoredRow,
  outcome: Outcome,
): Promise<boolean> {
  for (let failures = 1; ; failures++)
    try {
      return await recordOutcome(database, row, outcome);
    } catch (error) {
      if (!isInterruption(error) || dependencies.stopping.aborted) throw error;
      const ms = backoffMs(failures, { baseMs: 100, capMs: 3_000 });
      await delay(ms, undefined, { signal: dependencies.stopping }).catch(() => undefined);
    }
}

async function record(context: InboxContext, row: StoredRow, outcome: Outcome): Promise<Ack | undefined> {
  if (!(await recordPatiently(context, row, outcome))) return undefined;
  context.metrics.handled(outcome.status, 1);
  if (outcome.status !== "dead") return undefined;
  return {
    id: row.id,
    generation: row.generation,
    status: "dead",
    attempts: outcome.attempts,
    error: outcome.error,
  };
}
