import { indexScansOnly } from "../../postgres/transaction/index-scans.ts";
import type { TransactionSettings } from "../../postgres/transaction/transaction.ts";

/** Frees the rows that a frozen relay holds, in milliseconds. */
export const idleInTransactionMs = 30_000;

/**
 * What a relay writes is healed when it is lost (a row that is pending again is published again), so its COMMIT need
 * not wait for the disk; it goes by indexes; and Postgres frees the rows of a relay that was frozen.
 */
export const relaySettings: TransactionSettings = {
  ...indexScansOnly,
  synchronous_commit: "off",
  idle_in_transaction_session_timeout: idleInTransactionMs,
};
