import { type Columns, columnList } from "../../postgres/transaction/columns.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { PendingRow } from "./pending-row.ts";
import { reservationMs } from "./reservation.ts";
import { targetsOf } from "./targets-of.ts";

export interface PendingClaim {
  readonly rows: readonly PendingRow[];
  /** True: a target may have more pending rows than this claim took. */
  readonly full: boolean;
}

/** A claimed row and what it weighs, in bytes. */
interface WeighedRow extends PendingRow {
  readonly bytes: number;
}

/** Bytes of one target's events in a claim. A claim ends with the event that reaches this limit. */
const maxBytes = 4 * 1024 * 1024;

const columns: Columns<WeighedRow> = {
  id: "claimed.id",
  event_type: "claimed.event_type",
  version: "claimed.version",
  target: "claimed.target",
  key: "claimed.key",
  sequence: "claimed.sequence",
  data: "claimed.data::text",
  headers: "claimed.headers::text",
  tombstone: "claimed.tombstone",
  send_number: "claimed.send_number",
  generation: "claimed.generation",
  occurred_at: "claimed.created_at::text",
  bytes: "claimed.bytes",
};

/** As they are stored: a payload is read from its place only when its row is claimed. */
const stored =
  "id, event_type, version, target, key, sequence, data, headers, tombstone, send_number, generation, created_at";

/**
 * Locks the oldest `limit` pending rows of each target for this transaction, as far as they fit into `maxBytes`.
 *
 * - Rows that another relay has locked, rows that are reserved, and rows of `paused` targets are left alone.
 * - Rows are found by their status, never by "position greater than the last one". A slower transaction may commit a
 *   lower position later, and its row would be lost.
 * - A reservation that ends later than `reservationMs` from now does not count: the database's clock was set back.
 * - Reservations are compared with `clock_timestamp()`. By `now()`, the time at which this transaction began, the
 *   reservation of a row inserted since would seem too long.
 * - Each target has a claim of its own, so the backlog of one is not read on the way to another.
 *
 * @param transaction with `indexScansOnly` among its settings.
 * @param paused targets that are left out.
 */
export async function claimPending(
  transaction: Transaction,
  limit: number,
  paused: readonly string[],
): Promise<PendingClaim> {
  const { rows } = await transaction.query<WeighedRow>({
    name: "outbox-claim",
    text: `with ${targetsOf("pending")}
      select ${columnList(columns)}
      from targets t
      cross join lateral (
        select ${stored}, bytes, sum(bytes) over (order by position rows unbounded preceding) as total_bytes
        from (
          select ${stored}, position, coalesce(o.bytes, octet_length(o.data::text)) as bytes
          from event_outbox o
          where o.status = 'pending' and o.target = t.target
            and (o.next_attempt_at is null
              or o.next_attempt_at not between clock_timestamp() and clock_timestamp() + ${reservationMs} * interval '1 ms')
          order by o.position
          limit $1
          for update skip locked) as oldest) as claimed
      where t.target <> all($2::text[]) and claimed.total_bytes - claimed.bytes < $3`,
    values: [limit, paused, maxBytes],
  });
  return { rows, full: rows.length >= limit || rows.reduce((sum, { bytes }) => sum + bytes, 0) >= maxBytes };
}
