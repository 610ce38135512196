import type { TransactionSettings } from "./transaction.ts";

/**
 * Lets the planner read tables by indexes alone. Without statistics, as in a young table or after a burst, it takes
 * what is to do for little, and would read and sort all of it to take a batch; and what it planned for a table of ten
 * thousand rows, to read all of it, it goes on doing in one of a million.
 */
export const byIndexes: TransactionSettings = { enable_seqscan: "off", enable_bitmapscan: "off" };
