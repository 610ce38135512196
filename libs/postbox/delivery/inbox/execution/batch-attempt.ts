import type { CursorName } from "../events/cursor-name.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";

/**
 * How far a failure spreads, from the fastest way of running a batch to the safest:
 * - `batch`: all handlers succeed, or all is rolled back.
 * - `group`: groups run under savepoints, and a failed handler costs its own event alone.
 * - `event`: one event a transaction.
 */
export type IsolationLevel = "batch" | "group" | "event";

/** One attempt to handle a batch in one transaction. */
export interface BatchAttempt {
  readonly events: readonly IncomingEvent[];
  /** Keys whose parked events may have come to their turn. */
  readonly parkedKeys: readonly CursorName[];
  readonly isolation: IsolationLevel;
  /** False takes all events for new, as nearly all are, and saves a query. The insert finds those that are known. */
  readonly readKnownRows: boolean;
  /** True: no handler runs. Events are stored, each to run alone from its row. */
  readonly deferAll: boolean;
  /** Errors of events that failed in earlier attempts, by event id. These events are stored, not run. */
  readonly excluded: ReadonlyMap<string, Error>;
}
