import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { CursorName } from "../events/cursor-name.ts";
import { nameColumns } from "./cursors.ts";

/**
 * Parked events of these keys are due no longer: their take-up has ended, and the event before them makes them due
 * again.
 */
export async function restParked(transaction: Transaction, names: readonly CursorName[]): Promise<void> {
  await transaction.query({
    name: "inbox-rest-parked",
    text: `update event_inbox i set next_attempt_at = null, started_at = null
      from unnest($1::text[], $2::text[]) as k (source, key)
      where i.source = k.source and i.key = k.key and i.status = 'parked' and i.next_attempt_at is not null`,
    values: nameColumns(names),
  });
}
