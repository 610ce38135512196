import { setTimeout as delay } from "node:timers/promises";
import { backoffMs } from "../../../core/backoff/full-jitter.ts";
import { PermanentError } from "../../../core/errors/permanent-error.ts";
import { headlineOf } from "../../../core/failures/stored-error.ts";
import type { Ack } from "../../wire/ack.ts";
import { postpone, recordOutcome } from "../claims/record-outcome.ts";
import { asError } from "../execution/attempt-errors.ts";
import type { InboxContext } from "../execution/inbox-context.ts";
import { isIdleTimeout, isInterruption } from "../plan/interruption.ts";
import { type Outcome, outcomeOf } from "../plan/outcome.ts";
import type { StoredRow } from "../rows/stored-row.ts";
import { ClaimLostError, handleStored } from "./handle-stored.ts";

/** Crashes after which an event is dead. */
const maxCrashes = 3;

/** Milliseconds until an event runs again whose worker stopped or stood still. */
const cutOffMs = 1_000;

/**
 * Runs one claimed event by itself and records how the run ended.
 *
 * @returns the acknowledgement to send, or undefined while the event is kept for later.
 */
export async function runStored(context: InboxContext, row: StoredRow): Promise<Ack | undefined> {
  const attempt = row.attempts + 1;
  if (row.crashes >= maxCrashes) {
    const error = new PermanentError(`Its process ended or stood still ${row.crashes} times while it was handled.`);
    return recordFailure(context, row, { status: "dead", attempts: attempt, error: error.message });
  }
  const handler = context.handlers.find({ type: row.event_type, version: row.version });
  if (handler === undefined) {
    await record(context, row, { status: "held" });
    return undefined;
  }
  try {
    if (!(await handleStored(context, row, handler, attempt))) return undefined;
    context.metrics.handled("processed", 1);
    context.steps?.handled([row]);
    return { id: row.id, generation: row.generation, status: "processed", attempts: attempt, error: null };
  } catch (error) {
    if (error instanceof ClaimLostError) return undefined;
    const stopping = context.dependencies.stopping.aborted;
    if (!stopping && isIdleTimeout(error)) {
      // The event stays marked as begun and never ended, so that the next claim counts a crash.
      await postpone(context.database, row, cutOffMs);
      return undefined;
    }
    if (!stopping) return recordFailure(context, row, outcomeOf(asError(error), row, handler));
    await record(context, row, stoppedOutcome(row));
    return undefined;
  }
}

function stoppedOutcome({ attempts, interruptions, error_message: error }: StoredRow): Outcome {
  return { status: "failed", attempts, interruptions, error, dueInMs: cutOffMs };
}

/** Writes the outcome of a run that failed, and logs it. @returns the acknowledgement of an event that is dead. */
async function recordFailure(context: InboxContext, row: StoredRow, outcome: Outcome): Promise<Ack | undefined> {
  if (!(await record(context, row, outcome))) return undefined;
  context.failures.write({ ...row, type: row.event_type }, outcome);
  if (outcome.status !== "dead") return undefined;
  return {
    id: row.id,
    generation: row.generation,
    status: "dead",
    attempts: outcome.attempts,
    error: headlineOf(outcome.error),
  };
}

/** Writes an outcome, and counts it. @returns whether the row was written. */
async function record(context: InboxContext, row: StoredRow, outcome: Outcome): Promise<boolean> {
  const written = await recordUntilWritten(context, row, outcome);
  if (written) context.metrics.handled(outcome.status, 1);
  return written;
}

/** Retries while the database is away: without its outcome, an event would count as begun and never ended. */
async function recordUntilWritten(
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
