import type { TransactionSettings } from "./transaction.ts";

/**
 * Lets the planner use plain index scans only, for statements that take a batch from a large table.
 *
 * Without statistics, as in a young table or after a burst, the planner expects few rows. It would then read and sort the
 * whole table for each batch. A generic plan made for ten thousand rows also stays in use for a million.
 */
export const indexScansOnly: TransactionSettings = { enable_seqscan: "off", enable_bitmapscan: "off" };
