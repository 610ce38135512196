import type { Database } from "../../postgres/database.ts";
import { type Columns, columnList } from "../../postgres/transaction/columns.ts";
import { indexScansOnly } from "../../postgres/transaction/index-scans.ts";

const waiting = "key is not null and status in ('failed', 'parked', 'held', 'dead', 'skipped')";

/**
 * SQL of a recursive query `gaps (source, key, missing, since)`: the keys of an inbox whose next event has not come
 * while later events wait. `missing` is the number of the next event, `since` the time at which the first later event
 * came.
 *
 * The query steps from key to key through the index, so its cost grows with the waiting keys and not with their events.
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

/** A key whose next event has not come. */
export interface Gap {
  readonly source: string;
  readonly key: string;
  /** The sequence number of the event that has not come. */
  readonly missing: string;
  /** Minutes for which the first later event of the key has waited. */
  readonly minutes: number;
}

interface CountedGap extends Gap {
  readonly count: number;
}

const columns: Columns<CountedGap> = {
  source: "source",
  key: "key",
  missing: "missing",
  minutes: "floor(extract(epoch from now() - since) / 60)::int",
  count: "count(*) over ()::int",
};

/** The oldest gap of an inbox and the number of gaps older than `olderThanSeconds`; undefined if there is none. */
export async function findGaps(
  database: Database,
  olderThanSeconds: number,
): Promise<{ oldest: Gap; count: number } | undefined> {
  const { rows } = await database.transaction(
    (tx) =>
      tx.query<CountedGap>({
        name: "inbox-find-gaps",
        text: `with ${gaps}
          select ${columnList(columns)}
          from gaps where since < now() - $1 * interval '1 second' order by since limit 1`,
        values: [olderThanSeconds],
      }),
    indexScansOnly,
  );
  const [oldest] = rows;
  return oldest && { oldest, count: oldest.count };
}
