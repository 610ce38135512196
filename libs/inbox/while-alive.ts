import { config } from "../config/config.ts";
import type { Transaction } from "../database/transaction.ts";

/**
 * Works in a transaction that Postgres ends when this process has been silent for `ACK_WAIT_MS`. A worker that is
 * frozen or cut off would otherwise keep its locks, and every worker that gets its messages next would wait for them.
 *
 * While the process lives it says so every third of that time: a handler that waits for something else is not silent.
 */
export async function whileAlive<T>(tx: Transaction, work: () => Promise<T>): Promise<T> {
  const ms = config().ACK_WAIT_MS;
  const limited = tx.query({
    name: "inbox-silence",
    text: "select set_config('idle_in_transaction_session_timeout', $1, true)",
    values: [String(ms)],
  });
  const sign = setInterval(() => void tx.query({ text: "select 1" }).catch(() => undefined), ms / 3);
  try {
    const [result] = await Promise.all([work(), limited]);
    return result;
  } finally {
    clearInterval(sign);
  }
}
