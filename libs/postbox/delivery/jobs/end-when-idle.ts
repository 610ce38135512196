import type { Transaction } from "../../postgres/transaction/transaction.ts";

/** Milliseconds. Less than a run's lease: who takes a run over does not wait for the locks of a frozen scheduler. */
const idleMs = 5_000;

/** Has Postgres end this transaction, and so free its locks, if its scheduler freezes. */
export function endWhenIdle(tx: Transaction): Promise<unknown> {
  return tx.query({
    name: "job-settings",
    text: "select set_config('idle_in_transaction_session_timeout', $1, true)",
    values: [String(idleMs)],
  });
}
