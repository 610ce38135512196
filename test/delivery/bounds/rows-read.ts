import { jest } from "@jest/globals";
import type { Database, Transaction } from "postbox";

/** The rows of a table that this transaction, and those before it on its connection, have read by whatever plan. */
async function rowsRead(tx: Transaction, table: string): Promise<number> {
  const { rows } = await tx.query<{ read: number }>({
    text: "select (seq_tup_read + idx_tup_fetch)::int as read from pg_stat_xact_user_tables where relname = $1",
    values: [table],
  });
  return rows[0]?.read ?? Number.NaN;
}

/**
 * The most rows of a table that one transaction of `work` reads. It is done more often than the five times after which
 * Postgres may change to a plan for any values.
 */
export async function mostRead(database: Database, table: string, work: () => Promise<unknown>): Promise<number> {
  const counts: number[] = [];
  const transaction = database.transaction.bind(database);
  const spy = jest.spyOn(database, "transaction").mockImplementation((part, settings) =>
    transaction(async (tx) => {
      const before = await rowsRead(tx, table);
      const result = await part(tx);
      counts.push((await rowsRead(tx, table)) - before);
      return result;
    }, settings),
  );
  try {
    for (let time = 0; time < 7; time++) await work();
  } finally {
    spy.mockRestore();
  }
  if (counts.length === 0) throw new Error("Nothing was done in a transaction of its own.");
  return Math.max(...counts);
}
