import type { Database } from "../../postgres/database.ts";
import { indexScansOnly } from "../../postgres/transaction/index-scans.ts";

const waiting = "key is not null and status in ('failed', 'parked', 'held', 'dead', 'skipped')";

/**
 * SQL of a recursive query `gaps (source, key, missing, since)`: each key of an inbox whose next event has not come while
 * later ones wait for it, with its number, and when the first of those came. It goes from key to key by the index, so
 * that its cost grows with the keys that wait and not with their events.
 */
export const gaps = `recursive keys (source, key) as (
    (select source, key from event_inbox where ${waiting} order by source, key limit 1)
    union all
    select next.source, next.key from keys k cross join lateral (
      select source, key from event_inbox where ${waiting} and (source, key) > (k.source, k.key)
      order by source, key limit 1) as next),
  gaps as (
    select k.source, k.key, m.last_sequence + 1 as missing, head.received_at as since
    from keys k
    join inbox_mailbox m using (source, key)
    cross join lateral (
      select sequence, status, received_at from event_inbox
      where source = k.source and key = k.key and ${waiting} and sequence > m.last_sequence
      order by sequence limit 1) as head
    where head.status = 'parked' and head.sequence > m.last_sequence + 1)`;

/** A key that waits for an event that has not come. */
export interface Gap extends Record<string, unknown> {
  readonly source: string;
  readonly key: string;
  /** The number of the event that has not come. */
  readonly missing: string;
  /** How long the next of its key has waited, in minutes. */
  readonly minutes: number;
}

/** The oldest gap of an inbox, of those that are older than this, and how many there are; undefined if there is none. */
export async function findGaps(
  database: Database,
  olderThanSeconds: number,
): Promise<{ oldest: Gap; count: number } | undefined> {
  const { rows } = await database.transaction(
    (tx) =>
      tx.query<Gap & { count: number }>({
        name: "messaging-find-gaps",
        text: `with ${gaps}
          select source, key, missing, floor(extract(epoch from now() - since) / 60)::int as minutes,
            count(*) over ()::int as count
          from gaps where since < now() - $1 * interval '1 second' order by since limit 1`,
        values: [olderThanSeconds],
      }),
    indexScansOnly,
  );
  const [oldest] = rows;
  return oldest && { oldest, count: oldest.count };
}
