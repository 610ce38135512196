import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import { cursorKey } from "../plan/plan.ts";

/**
 * Locks the cursors of these keys, in one sorted order, making those that are not there. It writes nothing (`where
 * false`), so a locked cursor costs no new row version; a worker that finds one locked waits for it.
 */
export async function lockCursors(transaction: Transaction, keys: readonly CursorName[]): Promise<void> {
  const sorted = keys.toSorted((a, b) => compare(a.source, b.source) || compare(a.key, b.key));
  await transaction.query({
    name: "inbox-lock-cursors",
    text: `insert into inbox_mailbox as m (source, key)
      select * from unnest($1::text[], $2::text[])
      on conflict (source, key) do update set last_sequence = m.last_sequence where false`,
    values: columns(sorted),
  });
}

/** The last sequence of each key. In a statement of its own: the locking one sees an older snapshot. */
export async function readCursors(transaction: Transaction, keys: readonly CursorName[]): Promise<Map<string, number>> {
  const { rows } = await transaction.query<CursorName & { last_sequence: string }>({
    name: "inbox-read-cursors",
    text: `select m.source, m.key, m.last_sequence from inbox_mailbox m
      join unnest($1::text[], $2::text[]) as k (source, key) using (source, key)`,
    values: columns(keys),
  });
  return new Map(rows.map((row) => [cursorKey(row), Number(row.last_sequence)]));
}

/** Moves the cursors on. */
export async function advanceCursors(transaction: Transaction, cursors: ReadonlyMap<string, number>): Promise<void> {
  if (cursors.size === 0) return;
  await transaction.query({
    name: "inbox-advance-cursors",
    text: `update inbox_mailbox m set last_sequence = k.last_sequence
      from unnest($1::text[], $2::text[], $3::bigint[]) as k (source, key, last_sequence)
      where m.source = k.source and m.key = k.key`,
    values: positions(cursors),
  });
}

/**
 * Makes due what waits right behind these cursors, or behind skipped events that stand there; also what they have passed
 * because another event had its number: to end it, it is looked at once more.
 */
export async function wakeNext(transaction: Transaction, cursors: ReadonlyMap<string, number>): Promise<void> {
  if (cursors.size === 0) return;
  await transaction.query({
    name: "inbox-wake-next",
    text: `update event_inbox i set next_attempt_at = now()
      from unnest($1::text[], $2::text[], $3::bigint[]) as k (source, key, last_sequence)
      cross join lateral (select w.id, w.sequence from event_inbox w
        where w.source = k.source and w.key = k.key and w.status = 'parked'
        order by w.sequence limit 1) as head
      where i.id = head.id and (head.sequence <= k.last_sequence + 1 or exists (
        select from event_inbox n where n.source = k.source and n.key = k.key and n.sequence = k.last_sequence + 1
          and n.status = 'skipped'))`,
    values: positions(cursors),
  });
}

function positions(cursors: ReadonlyMap<string, number>): [string[], string[], number[]] {
  const names = [...cursors.keys()].map((name) => name.split("\n"));
  return [names.map(([source = ""]) => source), names.map(([, ...key]) => key.join("\n")), [...cursors.values()]];
}

export interface CursorName {
  readonly source: string;
  readonly key: string;
}

/** The keys of these events, each once. */
export function cursorNames(events: readonly Pick<IncomingEvent, "source" | "key">[]): CursorName[] {
  const names = new Map<string, CursorName>();
  for (const { source, key } of events) if (key !== null) names.set(`${source}\n${key}`, { source, key });
  return [...names.values()];
}

function columns(keys: readonly CursorName[]): [string[], string[]] {
  return [keys.map(({ source }) => source), keys.map(({ key }) => key)];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
