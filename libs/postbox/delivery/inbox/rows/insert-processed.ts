import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import { ConcurrentWriteError } from "./concurrent-write-error.ts";

/**
 * Inserts new events as processed, before their handlers run. Sorted by id, so that no two workers wait for each other.
 *
 * @throws ConcurrentWriteError when one of them has a row already.
 */
export async function insertProcessed(transaction: Transaction, events: readonly IncomingEvent[]): Promise<void> {
  const sorted = events.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const { rowCount } = await transaction.query({
    name: "inbox-insert-processed",
    text: `insert into event_inbox (id, source, event_type, version, key, sequence, payload_hash, generation)
      select row.id, row.source, row.event_type, row.version, row.key, row.sequence, row.payload_hash, row.generation
      from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::bigint[], $7::text[], $8::int[])
        as row (id, source, event_type, version, key, sequence, payload_hash, generation)
      on conflict (id) do nothing`,
    values: [
      sorted.map(({ id }) => id),
      sorted.map(({ source }) => source),
      sorted.map(({ type }) => type),
      sorted.map(({ version }) => version),
      sorted.map(({ key }) => key),
      sorted.map(({ sequence }) => sequence),
      sorted.map(({ hash }) => hash),
      sorted.map(({ generation }) => generation),
    ],
  });
  if (rowCount !== sorted.length) throw new ConcurrentWriteError();
}
