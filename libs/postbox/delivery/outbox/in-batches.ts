import type { Database } from "../../postgres/database.ts";
import { indexScansOnly } from "../../postgres/transaction/index-scans.ts";
import type { Statement } from "../../postgres/transaction/transaction.ts";

/** Rows that one statement moves at most. */
export const batchSize = 1_000;

/**
 * Repeats a statement, each time in a transaction of its own, until the statement moves fewer than `batchSize` rows.
 *
 * The statement picks its rows in a CTE and updates `any (array(…))` of their ids. An update that joins the CTE instead
 * may read the whole table.
 *
 * @returns how many rows moved in all.
 */
export async function inBatches(database: Database, statement: Statement): Promise<number> {
  for (let total = 0; ; ) {
    const { rowCount } = await database.transaction((tx) => tx.query(statement), indexScansOnly);
    const moved = rowCount ?? 0;
    total += moved;
    if (moved < batchSize) return total;
  }
}
