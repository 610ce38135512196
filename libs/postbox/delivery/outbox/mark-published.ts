import type { Transaction } from "../../postgres/transaction/transaction.ts";

/** A row that the broker has stored, and its place in the stream. */
export interface Published {
  readonly id: string;
  readonly sendNumber: number;
  readonly streamSequence: number;
}

/**
 * `pending` to `published`, by the broker's PubAck, also a PubAck that names a duplicate. The transaction has locked
 * the rows.
 *
 * `published_at` is the statement's time, not `now()`, at which the relay's transaction began. A stream position that
 * was read between the two must not count for these rows (`resendLost`).
 */
export async function markPublished(transaction: Transaction, rows: readonly Published[]): Promise<void> {
  await transaction.query({
    name: "outbox-mark-published",
    text: `update event_outbox o
      set status = 'published', published_at = clock_timestamp(), first_published_at = coalesce(first_published_at, now()),
        stream_sequence = sent.stream_sequence, next_attempt_at = null
      from unnest($1::uuid[], $2::bigint[]) as sent (id, stream_sequence)
      where o.id = sent.id`,
    values: [rows.map((row) => row.id), rows.map((row) => row.streamSequence)],
  });
}
