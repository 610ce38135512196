import { backoffMs } from "../../../core/backoff/full-jitter.ts";
import { PermanentError } from "../../../core/errors/permanent-error.ts";
import { storedError } from "../../../core/errors/stored-error.ts";
import type { EventHandler } from "../handlers/handler.ts";
import { maxAttemptsOf } from "../handlers/handler-table.ts";
import { isTransient } from "./interruption.ts";

/**
 * How an event is stored that was not processed.
 *
 * - `failed`: tried again in `dueInMs` milliseconds; `interruptions` counts the runs in a row up to now that ended by what
 *   was not its fault, default 0.
 * - `parked`: waits for an earlier event of its key.
 * - `held`: this release does not know it; tried again after an upgrade.
 * - `dead`: given up; an operator may replay or skip it.
 * - `skipped`: an operator let it go.
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
 * First and longest wait after an interruption, in milliseconds. The longest is short: what interrupted all events ends for
 * all at once, and then each still waits.
 */
const interruptionBackoff = { baseMs: 1_000, capMs: 15_000 };

/**
 * Interruptions in a row of which the last is charged as a failure, some 45 s after the first. So no event is blamed for
 * a neighbour's lock or a database that is away for less, and one that brings it about itself comes to an end.
 */
const maxInterruptions = 10;

/** How often an event has failed, and how often in a row up to now it was interrupted. */
interface Past {
  readonly attempts: number;
  readonly interruptions: number;
}

/** After a run that ended with an error, in a batch or by itself. */
export function outcomeOf(error: Error, { attempts, interruptions }: Past, handler: EventHandler): Outcome {
  return isTransient(error)
    ? interruptedOutcome(error, interruptions + 1, attempts, handler)
    : failedOutcome(error, attempts + 1, handler);
}

/** After the first run of an event. */
export const firstOutcome = (error: Error, handler: EventHandler): Outcome =>
  outcomeOf(error, { attempts: 0, interruptions: 0 }, handler);

/** After a run that ended by what was not the event's fault, as often in a row as `interruptions`. */
function interruptedOutcome(error: Error, interruptions: number, attempts: number, handler: EventHandler): Outcome {
  if (interruptions >= maxInterruptions) return failedOutcome(error, attempts + 1, handler);
  const dueInMs = backoffMs(interruptions, interruptionBackoff);
  return { status: "failed", attempts, error: storedError(error), dueInMs, interruptions };
}

/** After the `attempts`th failure: another try later, or none after a permanent error or the last attempt. */
export function failedOutcome(error: Error, attempts: number, handler: EventHandler): Outcome {
  const text = storedError(error);
  if (error instanceof PermanentError || attempts >= maxAttemptsOf(handler))
    return { status: "dead", attempts, error: text };
  return { status: "failed", attempts, error: text, dueInMs: backoffMs(attempts, retryBackoff) };
}
