import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import { cursorColumns } from "./cursors.ts";

/**
 * Makes the first parked event of each key due if its turn has come. Such an event stands right behind the cursor, or
 * behind a skipped event that stands there.
 *
 * A parked event that the cursor has passed becomes due too. Another event had its sequence, and the next take-up makes
 * this one dead.
 */
export async function wakeNext(transaction: Transaction, cursors: ReadonlyMap<string, number>): Promise<void> {
  if (cursors.size === 0) return;
  await transaction.query({
    name: "inbox-wake-next",
    text: `update event_inbox i set next_attempt_at = now()
      from unnest($1::text[], $2::text[], $3::bigint[]) as k (source, key, last_sequence)
      cross join lateral (select w.id, w.sequence from event_inbox w
        where w.source = k.source and w.key = k.key and w.status = 'parked'
        order by w.sequence limit 1) as head
      where i.id = head.id and (head.sequence <= k.last_sequence + 1 or exists (
        select from event_inbox n where n.source = k.source and n.key = k.key and n.sequence = k.last_sequence + 1
          and n.status = 'skipped'))`,
    values: cursorColumns(cursors),
  });
}
