import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { CursorName } from "../events/cursor-name.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import { nameColumns } from "./cursors.ts";
import { rawColumns, type StoredRow, storedColumns, storedEvent } from "./stored-row.ts";

/** Stored events that one transaction takes up at most. The first event beyond them is made due. */
export const takeUpLimit = 700;

/** Bytes of payload and headers that one transaction takes up at most, together with the event that exceeds them. */
const takeUpBytes = 8 * 1024 * 1024;

/** Stored events that wait for their turn. */
export interface Waiting {
  readonly events: readonly IncomingEvent[];
  /** Whether more may wait than these. */
  readonly more: boolean;
}

/**
 * Reads what waits in these keys: parked events, and skipped ones ahead of their cursor, in order of their sequence. It
 * takes `limit` events at most, and stops behind the event that exceeds `takeUpBytes`.
 *
 * Parked events that their cursor has passed are among them. Another event had their sequence, and the plan ends them.
 */
export async function readWaiting(
  transaction: Transaction,
  names: readonly CursorName[],
  limit: number,
): Promise<Waiting> {
  const { rows } = await transaction.query<StoredRow & { readonly bytes: number }>({
    name: "inbox-read-waiting",
    text: `select ${storedColumns}, i.bytes
      from (
        select ${rawColumns("first")}, first.bytes,
          sum(first.bytes) over (order by first.sequence rows unbounded preceding) as total
        from (
          select ${rawColumns("w")}, coalesce(w.bytes, octet_length(w.data::text), 0) as bytes
          from unnest($1::text[], $2::text[]) as k (source, key)
          join inbox_mailbox m on m.source = k.source and m.key = k.key
          join event_inbox w on w.source = k.source and w.key = k.key
            and (w.status = 'parked' or w.status = 'skipped' and w.sequence > m.last_sequence)
          order by w.sequence
          limit $3) as first) as i
      where i.total - i.bytes < $4
      order by i.sequence`,
    values: [...nameColumns(names), limit, takeUpBytes],
  });
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  return { events: rows.map(storedEvent), more: rows.length >= limit || bytes >= takeUpBytes };
}
