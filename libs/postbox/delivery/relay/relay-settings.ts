import { indexScansOnly } from "../../postgres/transaction/index-scans.ts";
import type { TransactionSettings } from "../../postgres/transaction/transaction.ts";

/** Milliseconds after which Postgres ends the transaction of a relay that is frozen, and so unlocks its rows. */
export const idleInTransactionMs = 30_000;

/**
 * The settings of a relay's transactions. COMMIT does not wait for the disk: a row whose mark is lost is published
 * again, and its subscriber knows it. Statements go by indexes, whatever the planner knows of the table.
 */
export const relaySettings: TransactionSettings = {
  ...indexScansOnly,
  synchronous_commit: "off",
  idle_in_transaction_session_timeout: idleInTransactionMs,
};
