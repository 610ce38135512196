import type { NewRow } from "./insert-rows.ts";
import type { PendingRow } from "./pending-row.ts";

/**
 * Milliseconds for which new rows may be held for the process that commits them: it publishes them from memory, and no
 * relay claims them meanwhile. Longer than a publish takes, and short beside what a crash may cost an event.
 */
export const reservationMs = 2_000;

/** Publishes what was just committed without a claim. */
export interface DirectDispatch {
  /** Whether it would publish these rows, once they are committed. */
  accepts(rows: readonly NewRow[]): boolean;
  /** @param rows that were accepted, and are committed and held. */
  publish(rows: readonly PendingRow[]): void;
}
