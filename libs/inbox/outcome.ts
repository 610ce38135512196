import { backoffMs } from "../backoff/full-jitter.ts";
import { PermanentError } from "../errors/permanent-error.ts";
import { storedError } from "../errors/stored-error.ts";
import type { EventHandler } from "./handler.ts";
import { maxAttemptsOf } from "./handler-table.ts";

/**
 * How an event is stored that was not processed.
 *
 * - `failed`: tried again in `dueInMs` milliseconds.
 * - `parked`: waits for an earlier event of its key.
 * - `held`: this release does not know it; tried again after an upgrade.
 * - `dead`: given up; an operator may replay or skip it.
 * - `skipped`: an operator let it go.
 */
export type Outcome =
  | { readonly status: "failed"; readonly attempts: number; readonly dueInMs: number; readonly error: string | null }
  | { readonly status: "dead"; readonly attempts: number; readonly error: string }
  | { readonly status: "parked" | "held" | "skipped" };

/** First and longest wait before a retry, in milliseconds. */
export const retryBackoff = { baseMs: 1_000, capMs: 15 * 60_000 };

/** After the `attempts`th failure: another try later, or none after a permanent error or the last attempt. */
export function failedOutcome(error: Error, attempts: number, handler: EventHandler): Outcome {
  const text = storedError(error);
  if (error instanceof PermanentError || attempts >= maxAttemptsOf(handler))
    return { status: "dead", attempts, error: text };
  return { status: "failed", attempts, error: text, dueInMs: backoffMs(attempts, retryBackoff) };
}
