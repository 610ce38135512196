import type { Transaction } from "../../postgres/transaction/transaction.ts";

/** A row to insert. `data` and `headers` are JSON text, `available_at` is an ISO time, `bytes` its envelope's size. */
export interface NewRow {
  readonly id: string;
  readonly event_type: string;
  readonly version: number;
  readonly target: string;
  readonly key: string | null;
  readonly data: string;
  readonly headers: string;
  readonly payload_hash: string;
  readonly available_at: string | null;
  readonly bytes: number;
}

/**
 * (none) to `pending`, or to `scheduled` for rows with an `available_at`.
 *
 * @param reserveMs milliseconds for which pending rows are reserved for this process; 0 for no reservation.
 * @returns the rows' `created_at` as text, one time for all.
 */
export async function insertRows(
  transaction: Transaction,
  rows: readonly NewRow[],
  sequences: ReadonlyMap<string, number>,
  reserveMs: number,
): Promise<string> {
  const { rows: inserted } = await transaction.query<{ occurred_at: string }>({
    name: "outbox-insert",
    fixedColumns: true,
    text: `insert into event_outbox
        (id, event_type, version, target, key, sequence, data, headers, payload_hash, status, next_attempt_at,
        bytes)
      select id, event_type, version, target, key, sequence, data, headers, payload_hash,
        case when available_at is null then 'pending' else 'scheduled' end,
        coalesce(available_at, clock_timestamp() + nullif($12::int, 0) * interval '1 ms'), bytes
      from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::text[], $6::bigint[], $7::json[], $8::json[],
        $9::text[], $10::timestamptz[], $11::int[])
        as event (id, event_type, version, target, key, sequence, data, headers, payload_hash, available_at, bytes)
      returning created_at::text as occurred_at`,
    values: [
      rows.map((row) => row.id),
      rows.map((row) => row.event_type),
      rows.map((row) => row.version),
      rows.map((row) => row.target),
      rows.map((row) => row.key),
      rows.map((row) => sequences.get(row.id) ?? null),
      rows.map((row) => row.data),
      rows.map((row) => row.headers),
      rows.map((row) => row.payload_hash),
      rows.map((row) => row.available_at),
      rows.map((row) => row.bytes),
      reserveMs,
    ],
  });
  return inserted[0]?.occurred_at ?? "";
}
