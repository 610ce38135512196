import type { IncomingEvent } from "../events/incoming-event.ts";
import type { CursorName } from "../rows/lock-cursors.ts";

/**
 * How a batch is run, from the fastest to the most careful:
 * - `whole`: all handlers in one go; any failure rolls all back.
 * - `grouped`: groups under savepoints; culprits are found and dropped.
 * - `alone`: one event a transaction.
 */
export type IsolationLevel = "batch" | "group" | "event";

/** One try of a batch. */
export interface BatchAttempt {
  readonly events: readonly IncomingEvent[];
  readonly wake: readonly CursorName[];
  readonly isolation: IsolationLevel;
  /** False: take the events for new, as nearly all are, and let the insert show otherwise. It saves a query. */
  readonly readKnownRows: boolean;
  /** A handler overran its time in an earlier try: store the rest, to run one at a time. */
  readonly deferAll: boolean;
  /** Failed in an earlier try. */
  readonly excluded: ReadonlyMap<string, Error>;
}
