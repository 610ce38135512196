import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { NewRow } from "./insert-rows.ts";

/** A row as far as its number goes. */
type RowToNumber = Pick<NewRow, "id" | "target" | "key">;

/**
 * Numbers the keyed rows of a transaction, in their order, for each (target, key).
 *
 * The upsert locks a key's row until COMMIT. So writers of one key follow one another, and numbers follow commit order.
 * Keys are locked in sorted order, so that two transactions with several keys do not deadlock.
 *
 * @returns the number of each row, by the row's id.
 */
export async function takeSequences(
  transaction: Transaction,
  rows: readonly RowToNumber[],
): Promise<ReadonlyMap<string, number>> {
  const mailboxes = Map.groupBy(
    rows.filter((row) => row.key !== null),
    (row) => `${row.target}\n${row.key}`,
  );
  const sequences = new Map<string, number>();
  if (mailboxes.size === 0) return sequences;
  const sorted = [...mailboxes.values()].toSorted(byMailbox);
  const { rows: taken } = await transaction.query<{ last_sequence: string }>({
    name: "outbox-take-sequences",
    fixedColumns: true,
    text: `insert into outbox_mailbox as m (target, key, last_sequence)
      select target, key, size from unnest($1::text[], $2::text[], $3::bigint[]) as added (target, key, size)
      on conflict (target, key) do update set last_sequence = m.last_sequence + excluded.last_sequence
      returning last_sequence::bigint`,
    values: [
      sorted.map(([row]) => row?.target),
      sorted.map(([row]) => row?.key),
      sorted.map((members) => members.length),
    ],
  });
  sorted.forEach((members, ordinal) => {
    const first = Number(taken[ordinal]?.last_sequence) - members.length + 1;
    members.forEach((row, index) => {
      sequences.set(row.id, first + index);
    });
  });
  return sequences;
}

function byMailbox([a]: readonly RowToNumber[], [b]: readonly RowToNumber[]): number {
  return compare(a?.target ?? "", b?.target ?? "") || compare(a?.key ?? "", b?.key ?? "");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
