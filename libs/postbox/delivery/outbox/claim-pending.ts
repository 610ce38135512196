import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { PendingRow } from "./pending-row.ts";
import { reservationMs } from "./reservation.ts";
import { targetsOf } from "./targets-of.ts";

export interface Claim {
  readonly rows: readonly PendingRow[];
  /** Whether a target may have more than this claim could take. */
  readonly full: boolean;
}

/** Bytes of one target's events that a claim takes at most, and the event that goes beyond them. */
const maxBytes = 4 * 1024 * 1024;

/**
 * Claims pending rows for this transaction, the oldest `most` of each target as far as they are light enough, skipping
 * what another relay holds, what its publisher holds until `next_attempt_at`, and the `paused` targets. Claims go by
 * state, never by "greater than the last seen": a slower transaction with a lower position would be lost. What is held
 * for longer than anybody holds, the clock of the database has left there by going back. The clock is that of each row as
 * it is read: `now()` is when this transaction began, and what was inserted since would seem to be held for too long.
 *
 * Each target has a share of its own: neither the backlog of a paused one nor a long one of another is read on the
 * way.
 *
 * @param transaction with `indexScansOnly` among its settings.
 */
export async function claimPending(transaction: Transaction, limit: number, paused: readonly string[]): Promise<Claim> {
  const { rows } = await transaction.query<PendingRow & { readonly bytes: number }>({
    name: "outbox-claim",
    text: `with ${targetsOf("pending")}
      select row.id, row.event_type, row.version, row.target, row.key, row.sequence, row.data::text as data,
        row.headers::text as headers, row.tombstone, row.send_number, row.generation,
        row.created_at::text as occurred_at, row.bytes
      from targets t
      cross join lateral (
        select first.*, sum(first.bytes) over (order by first.position rows unbounded preceding) as weight
        from (
          select o.id, o.position, o.event_type, o.version, o.target, o.key, o.sequence, o.data, o.headers, o.tombstone,
            o.send_number, o.generation, o.created_at, coalesce(o.bytes, octet_length(o.data::text)) as bytes
          from event_outbox o
          where o.status = 'pending' and o.target = t.target
            and (o.next_attempt_at is null
              or o.next_attempt_at not between clock_timestamp() and clock_timestamp() + ${reservationMs} * interval '1 ms')
          order by o.position
          limit $1
          for update skip locked) as first) as row
      where t.target <> all($2::text[]) and row.weight - row.bytes < $3`,
    values: [limit, paused, maxBytes],
  });
  return { rows, full: rows.length >= limit || rows.reduce((sum, { bytes }) => sum + bytes, 0) >= maxBytes };
}
