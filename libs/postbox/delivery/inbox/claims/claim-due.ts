import type { Database } from "../../../postgres/database.ts";
import { openSubjectOf } from "../../wire/open-event.ts";
import type { CursorName } from "../events/cursor-name.ts";
import { type StoredRow, storedColumns } from "../rows/stored-row.ts";
import { leaseMs } from "./leases.ts";

/** Which stored events to claim. */
export interface DueFilter {
  /**
   * True: only possible poison, events that were begun and never ended. They ended their process, or stood beside an
   * event that did. False, the default: only the others.
   */
  readonly possiblePoison?: boolean;
  /** Event types with external handlers, those of any publisher as `*.<name>`. Default none. */
  readonly external?: readonly string[];
  /** True: only events of those types. False, the default: only the others. */
  readonly only?: boolean;
}

/**
 * Claims stored events that are due, at most `limit`, and marks them as begun. The claim is committed before anything
 * runs, so that an event which ends its process is seen to have begun.
 *
 * For an event that was begun before and never ended, the claim counts a crash. If the event was parked it is failed
 * from now on, and so runs alone.
 */
export async function claimDue(
  database: Database,
  limit: number,
  { possiblePoison = false, external = [], only = false }: DueFilter = {},
): Promise<StoredRow[]> {
  const { rows } = await database.query<StoredRow>({
    name: possiblePoison ? "inbox-claim-possible-poison" : "inbox-claim-due",
    text: `with recursive ${possiblePoison ? duePossiblePoison : dueOthers}
      update event_inbox i
      set crashes = i.crashes + case when i.started_at is null then 0 else 1 end,
        status = case when i.started_at is null then i.status else 'failed' end,
        started_at = now(),
        next_attempt_at = now() + $2 * interval '1 ms'
      from due where i.id = due.id
      returning ${storedColumns}`,
    values: [limit, leaseMs, external, only],
  });
  return rows;
}

/** SQL: whether the type in a column is among the external ones, or an event of any publisher is. */
const isExternal = (column: string): string =>
  `(${column} = any($3::text[]) or ${openSubjectOf(column)} = any($3::text[]))`;

const duePossiblePoison = `due as (
    select id from event_inbox
    where status in ('failed', 'parked') and (crashes > 0 or started_at is not null) and next_attempt_at <= now()
      and ${isExternal("event_type")} = $4
    order by next_attempt_at limit $1
    for update skip locked)`;

/** Goes from type to type by the index, so that a backlog of one type is not read to find due events of the others. */
const dueOthers = `types (name) as (
    (select event_type from event_inbox where status in ('failed', 'parked') order by event_type limit 1)
    union all
    select (select i.event_type from event_inbox i where i.status in ('failed', 'parked') and i.event_type > t.name
      order by i.event_type limit 1)
    from types t where t.name is not null),
  due as (
    select row.id from types t
    cross join lateral (
      select i.id, i.next_attempt_at from event_inbox i
      where i.status in ('failed', 'parked') and i.event_type = t.name and i.next_attempt_at <= now()
        and i.crashes = 0 and i.started_at is null
      order by i.next_attempt_at limit $1
      for update skip locked) as row
    where ${isExternal("t.name")} = $4
    order by row.next_attempt_at limit $1)`;

/** Whether possible poison is due that no other transaction has locked. */
export async function isPossiblePoisonDue(database: Database): Promise<boolean> {
  const { rows } = await database.query({
    name: "inbox-possible-poison-due",
    text: `select from event_inbox
      where status in ('failed', 'parked') and next_attempt_at <= now() and (crashes > 0 or started_at is not null)
      limit 1
      for update skip locked`,
  });
  return rows.length > 0;
}

/** Claims the parked event right behind a cursor, to run alone; undefined if there is none. */
export async function claimNext(database: Database, { source, key }: CursorName): Promise<StoredRow | undefined> {
  const { rows } = await database.query<StoredRow>({
    name: "inbox-claim-next",
    text: `with next as (
        select i.id from inbox_mailbox m
        join event_inbox i on i.source = m.source and i.key = m.key and i.status = 'parked'
          and i.sequence = m.last_sequence + 1
        where m.source = $1 and m.key = $2
        order by i.id
        limit 1
        for update of i skip locked)
      update event_inbox i
      set status = 'failed', started_at = now(), next_attempt_at = now() + $3 * interval '1 ms'
      from next where i.id = next.id
      returning ${storedColumns}`,
    values: [source, key, leaseMs],
  });
  return rows[0];
}
