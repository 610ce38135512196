import { backoffMs } from "../../../core/backoff/full-jitter.ts";
import { PermanentError } from "../../../core/errors/permanent-error.ts";
import { storedError } from "../../../core/failures/stored-error.ts";
import type { EventHandler } from "../handlers/handler.ts";
import { maxAttemptsOf } from "../handlers/handler-defaults.ts";
import { isTransient } from "./interruption.ts";

/**
 * How an event is stored that was not processed.
 *
 * - `failed`: runs again in `dueInMs` milliseconds. `interruptions` counts the latest runs in a row that were
 *   interrupted, default 0.
 * - `parked`: waits for an earlier event of its key.
 * - `held`: this release does not know the event's type or version; runs after an upgrade.
 * - `dead`: given up; an operator may replay or skip the event.
 * - `skipped`: an operator let the event go.
 */
export type Outcome =
  | {
      readonly status: "failed";
      readonly attempts: number;
      readonly dueInMs: number;
      readonly error: string | null;
      readonly interruptions?: number;
    }
  | { readonly status: "dead"; readonly attempts: number; readonly error: string }
  | { readonly status: "parked" | "held" | "skipped" };

/** First and longest wait before a retry, in milliseconds. */
export const retryBackoff = { baseMs: 1_000, capMs: 15 * 60_000 };

/**
 * First and longest wait after an interruption, in milliseconds. The longest is short, because what interrupts all
 * events ends for all at once.
 */
const interruptionBackoff = { baseMs: 1_000, capMs: 15_000 };

/**
 * Interruptions in a row of which the last counts as a failure, some 45 s after the first. A neighbour's lock or an
 * absent database may last that long before an event is charged. An event that interrupts itself comes to an end.
 */
const maxInterruptions = 10;

/** Failures of an event up to now, and interruptions in a row. */
interface RunCounts {
  readonly attempts: number;
  readonly interruptions: number;
}

/** The outcome of a run that ended with an error, in a batch or alone. */
export function outcomeOf(error: Error, { attempts, interruptions }: RunCounts, handler: EventHandler): Outcome {
  return isTransient(error)
    ? interruptedOutcome(error, interruptions + 1, attempts, handler)
    : failedOutcome(error, attempts + 1, handler);
}

/** The outcome of an event's first run, which ended with an error. */
export const firstOutcome = (error: Error, handler: EventHandler): Outcome =>
  outcomeOf(error, { attempts: 0, interruptions: 0 }, handler);

/** The outcome of a run that was interrupted, the `interruptions`th in a row. */
function interruptedOutcome(error: Error, interruptions: number, attempts: number, handler: EventHandler): Outcome {
  if (interruptions >= maxInterruptions) return failedOutcome(error, attempts + 1, handler);
  const dueInMs = backoffMs(interruptions, interruptionBackoff);
  return { status: "failed", attempts, error: storedError(error), dueInMs, interruptions };
}

/** The outcome of the `attempts`th failure: a retry later, or none after a permanent error or the last attempt. */
export function failedOutcome(error: Error, attempts: number, handler: EventHandler): Outcome {
  const text = storedError(error);
  if (error instanceof PermanentError || attempts >= maxAttemptsOf(handler))
    return { status: "dead", attempts, error: text };
  return { status: "failed", attempts, error: text, dueInMs: backoffMs(attempts, retryBackoff) };
}
