import type { NewRow } from "./insert-rows.ts";
import type { PendingRow } from "./pending-row.ts";

/**
 * How long new rows are reserved for the process that commits them, in milliseconds. That process publishes them from
 * memory; no relay claims them meanwhile. A reservation outlasts a publish, and delays an event little after a crash.
 */
export const reservationMs = 2_000;

/** Publishes rows that this process has just committed, without claiming them. */
export interface DirectDispatch {
  /** Whether these rows would be published directly once they are committed. */
  accepts(rows: readonly NewRow[]): boolean;
  /** @param rows that were accepted, committed and reserved. */
  publish(rows: readonly PendingRow[]): void;
}
