import type { Arrival } from "../events/incoming-event.ts";
import type { CursorName } from "../rows/lock-cursors.ts";

/**
 * How a batch is run, from the fastest to the most careful:
 * - `whole`: all handlers in one go; any failure rolls all back.
 * - `grouped`: groups under savepoints; culprits are found and dropped.
 * - `alone`: one event a transaction.
 */
export type Care = "whole" | "grouped" | "alone";

/** One try of a batch. */
export interface Try {
  readonly arrivals: readonly Arrival[];
  readonly wake: readonly CursorName[];
  readonly care: Care;
  /** False: take the events for new, as nearly all are, and let the insert show otherwise. It saves a query. */
  readonly lookUp: boolean;
  /** A handler overran its time in an earlier try: store the rest, to run one at a time. */
  readonly deferAll: boolean;
  /** Failed in an earlier try. */
  readonly excluded: ReadonlyMap<string, Error>;
}
