import type { Transaction } from "../database/transaction.ts";

/** A claimed row; `data` and `headers` as stored text, `sequence` a bigint as text. */
export interface PendingRow {
  readonly id: string;
  readonly event_type: string;
  readonly version: number;
  readonly target: string;
  readonly key: string | null;
  readonly sequence: string | null;
  readonly data: string;
  readonly headers: string;
  readonly tombstone: boolean;
  readonly send_number: number;
  readonly generation: number;
  readonly occurred_at: string;
}

/**
 * Claims up to `most` pending rows for this transaction, skipping what another relay holds and the `paused` targets.
 * Claims go by state, never by "greater than the last seen": a slower transaction with a lower position would be lost.
 */
export async function claimPending(
  transaction: Transaction,
  most: number,
  paused: readonly string[],
): Promise<PendingRow[]> {
  const { rows } = await transaction.query<PendingRow>({
    name: "outbox-claim",
    text: `select id, event_type, version, target, key, sequence, data::text as data, headers::text as headers,
        tombstone, send_number, generation, created_at::text as occurred_at
      from event_outbox
      where status = 'pending' and target <> all($2::text[])
      order by position
      limit $1
      for update skip locked`,
    values: [most, paused],
  });
  return rows;
}
