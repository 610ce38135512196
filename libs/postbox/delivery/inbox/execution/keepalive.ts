import { config } from "../../../core/configuration/config.ts";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import type { Database } from "../../../postgres/database.ts";
import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import { isInterruption } from "../plan/interruption.ts";

/**
 * Works in a transaction that Postgres ends once this process has been silent for `ACK_WAIT_MS`. The locks of a frozen
 * or cut-off worker end with its transaction, so that the worker which gets its messages next need not wait.
 *
 * A keepalive statement goes out every third of that time, so that a handler may wait for something else.
 *
 * @throws PostboxError `transaction-idle` when the transaction was lost while the process stood still. The server's own
 * error may never be read: the next statement finds the connection closed first.
 */
export async function withKeepalive<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const ms = config().ACK_WAIT_MS;
  let open: Transaction | undefined;
  let answered: Promise<unknown> | undefined;
  let lastSign = performance.now();
  let longestSilence = 0;
  const measureSilence = () => {
    const now = performance.now();
    longestSilence = Math.max(longestSilence, now - lastSign);
    lastSign = now;
  };
  const keepalive = setInterval(() => {
    measureSilence();
    answered = open?.query({ text: "select 1" }).catch(() => undefined);
  }, ms / 3);
  try {
    return await database.transaction(
      async (tx) => {
        open = tx;
        const result = await work(tx);
        clearInterval(keepalive);
        // A statement without an answer would count as one that nobody awaits.
        await answered;
        return result;
      },
      { idle_in_transaction_session_timeout: ms },
    );
  } catch (error) {
    measureSilence();
    if (longestSilence < ms || !isInterruption(error)) throw error;
    throw new PostboxError(
      "transaction-idle",
      `The process stood still for ${Math.round(longestSilence)} ms, longer than ACK_WAIT_MS (${ms}), and Postgres ended its transaction. Leave long computations to a worker thread.`,
      { cause: error },
    );
  } finally {
    clearInterval(keepalive);
  }
}
