import type { Transaction } from "../../postgres/transaction/transaction.ts";

/** A row that the broker has taken, and where it stands in the stream. */
export interface Published {
  readonly id: string;
  readonly sendNumber: number;
  readonly streamSequence: number;
}

/**
 * `pending` to `published`, by the broker's PubAck (also one that names a duplicate). One statement for all; the
 * transaction holds the rows.
 *
 * The time is that of the statement: `now()` is when the relay's transaction began, before it published, and what was
 * asked of the stream in between would be held against these rows.
 */
export async function markPublished(transaction: Transaction, rows: readonly Published[]): Promise<void> {
  await transaction.query({
    name: "outbox-mark-published",
    text: `update event_outbox o
      set status = 'published', published_at = clock_timestamp(), first_published_at = coalesce(first_published_at, now()),
        stream_sequence = row.stream_sequence, next_attempt_at = null
      from unnest($1::uuid[], $2::bigint[]) as row (id, stream_sequence)
      where o.id = row.id`,
    values: [rows.map((row) => row.id), rows.map((row) => row.streamSequence)],
  });
}
