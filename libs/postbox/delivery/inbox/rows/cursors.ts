import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import { type CursorName, cursorKey, parseCursorKey } from "../events/cursor-name.ts";

/**
 * Locks these cursors, and makes those that are missing. A worker that finds a cursor locked waits.
 *
 * All workers lock in one sorted order, so that no two wait for each other. The statement updates nothing (`where
 * false`), so that a lock makes no new version of the row.
 */
export async function lockCursors(transaction: Transaction, names: readonly CursorName[]): Promise<void> {
  const sorted = names.toSorted((a, b) => compare(a.source, b.source) || compare(a.key, b.key));
  await transaction.query({
    name: "inbox-lock-cursors",
    text: `insert into inbox_mailbox as m (source, key)
      select k.source, k.key from unnest($1::text[], $2::text[]) as k (source, key)
      on conflict (source, key) do update set last_sequence = m.last_sequence where false`,
    values: nameColumns(sorted),
  });
}

/**
 * Reads these cursors, by `cursorKey`. Send it behind `lockCursors`: the locking statement itself sees the rows as they
 * were before it waited.
 */
export async function readCursors(
  transaction: Transaction,
  names: readonly CursorName[],
): Promise<Map<string, number>> {
  const { rows } = await transaction.query<CursorName & { last_sequence: string }>({
    name: "inbox-read-cursors",
    text: `select m.source, m.key, m.last_sequence from inbox_mailbox m
      join unnest($1::text[], $2::text[]) as k (source, key) using (source, key)`,
    values: nameColumns(names),
  });
  return new Map(rows.map((row) => [cursorKey(row), Number(row.last_sequence)]));
}

/** Moves cursors on to the given sequences, by `cursorKey`. */
export async function advanceCursors(transaction: Transaction, cursors: ReadonlyMap<string, number>): Promise<void> {
  if (cursors.size === 0) return;
  await transaction.query({
    name: "inbox-advance-cursors",
    text: `update inbox_mailbox m set last_sequence = k.last_sequence
      from unnest($1::text[], $2::text[], $3::bigint[]) as k (source, key, last_sequence)
      where m.source = k.source and m.key = k.key`,
    values: cursorColumns(cursors),
  });
}

/** Cursors as the three arrays that a statement unnests: publishers, keys, sequences. */
export function cursorColumns(cursors: ReadonlyMap<string, number>): [string[], string[], number[]] {
  return [...nameColumns([...cursors.keys()].map(parseCursorKey)), [...cursors.values()]];
}

/** Names of cursors as the two arrays that a statement unnests: publishers, keys. */
export function nameColumns(names: readonly CursorName[]): [string[], string[]] {
  return [names.map(({ source }) => source), names.map(({ key }) => key)];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
