import { config } from "../../../core/configuration/config.ts";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import type { Database } from "../../../postgres/database.ts";
import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import { isInterruption } from "../plan/interruption.ts";

/**
 * Works in a transaction that Postgres ends when this process has been silent for `ACK_WAIT_MS`. A worker that is
 * frozen or cut off would otherwise keep its locks, and every worker that gets its messages next would wait for them.
 *
 * While the process lives it says so every third of that time: a handler that waits for something else is not silent.
 *
 * @throws PostboxError `transaction-idle` when the transaction was lost and the process had stood still for so long. It
 * may never read what Postgres told it: its next statement breaks the line first.
 */
export async function withKeepalive<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const ms = config().ACK_WAIT_MS;
  let open: Transaction | undefined;
  let seen = performance.now();
  let silentMs = 0;
  const look = () => {
    const now = performance.now();
    silentMs = Math.max(silentMs, now - seen);
    seen = now;
  };
  const sign = setInterval(() => {
    look();
    void open?.query({ text: "select 1" }).catch(() => undefined);
  }, ms / 3);
  try {
    return await database.transaction(
      (tx) => {
        open = tx;
        return work(tx);
      },
      { idle_in_transaction_session_timeout: ms },
    );
  } catch (error) {
    look();
    if (silentMs < ms || !isInterruption(error)) throw error;
    throw new PostboxError(
      "transaction-idle",
      `The process stood still for ${Math.round(silentMs)} ms, longer than ACK_WAIT_MS (${ms}), and Postgres ended its transaction. Leave long computations to a worker thread.`,
      { cause: error },
    );
  } finally {
    clearInterval(sign);
  }
}
