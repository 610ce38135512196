import type { Transaction } from "../../postgres/transaction/transaction.ts";

/** Below the lease of a run, in milliseconds: who takes a run over does not wait for one that froze while it held it. */
const idleMs = 5_000;

/** Frees what this transaction holds, by ending it, when its scheduler freezes. */
export function endWhenIdle(tx: Transaction): Promise<unknown> {
  return tx.query({
    name: "job-settings",
    text: "select set_config('idle_in_transaction_session_timeout', $1, true)",
    values: [String(idleMs)],
  });
}
