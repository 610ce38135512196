import type { Transaction } from "../database/transaction.ts";

/**
 * Lets the planner read tables by indexes alone, for the rest of this transaction. Without statistics, as in a young
 * table or after a burst, it takes what is to do for little, and would read and sort all of it to take a batch.
 */
export async function followIndexes(transaction: Transaction): Promise<void> {
  await transaction.query({
    name: "outbox-follow-indexes",
    text: "select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)",
  });
}
