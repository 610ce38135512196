import { errorCode, PostboxError } from "../../core/errors/postbox-error.ts";
import { databaseFault } from "../connection/fault.ts";
import { sqlState } from "../connection/sql-state.ts";
import { isRepeatable, type WorkKind } from "../connection/work-kind.ts";
import type { ConnectionPool } from "../sequelize/connection-pool.ts";
import { OpenTransaction } from "./open-transaction.ts";
import type { Transaction, TransactionSettings, TransactionStore } from "./transaction.ts";
import type { TransactionScope } from "./transaction-scope.ts";

/** SQLSTATE `idle_in_transaction_session_timeout`: the server has ended a transaction that sent nothing. */
const idleInTransaction = "25P03";

/** A database as its transactions need it. */
export interface TransactionSource {
  readonly pool: ConnectionPool;
  readonly store: TransactionStore;
  readonly kind: WorkKind;
  /** The run that begins the transaction, if one does. */
  readonly scope: TransactionScope | undefined;
}

type Work<T> = (transaction: Transaction) => Promise<T>;

/**
 * Runs `work` in a transaction of its own: commits when `work` resolves, rolls back when it rejects.
 *
 * Work of the runtime whose connection turns out to be stale runs once more on a fresh one: nothing of it was committed,
 * and no event is at fault.
 *
 * COMMIT counts only if the server's command tag says `COMMIT`. After a swallowed database error the server answers
 * COMMIT with the tag `ROLLBACK` and without an error.
 *
 * @throws PostboxError
 * - `transaction-over`: an `await` is missing: `work` resolved before its statements were answered, or the run that began
 *   the transaction is over.
 * - `transaction-aborted`: the server rolled back at COMMIT.
 * - `transaction-idle`: the server ended the transaction because nothing was sent. Thrown at once: the work may never end.
 * - `connection-lost`: the work failed and its connection is gone, so the work's own error says nothing about the work.
 */
export async function runTransaction<T>(
  source: TransactionSource,
  work: Work<T>,
  settings: TransactionSettings,
): Promise<T> {
  try {
    return await runOnce(source, work, settings);
  } catch (error) {
    if (!isRepeatable(source.kind) || databaseFault(error) !== "stale") throw error;
    return runOnce(source, work, settings);
  }
}

async function runOnce<T>(
  { pool, store, kind, scope }: TransactionSource,
  work: Work<T>,
  settings: TransactionSettings,
): Promise<T> {
  const connection = await pool.acquire(kind);
  const transaction = new OpenTransaction(pool, connection, store, kind);
  const idle = Promise.withResolvers<never>();
  const onError = (error: Error) => {
    if (sqlState(error) === idleInTransaction) idle.reject(transactionIdle(error));
  };
  connection.on("error", onError);
  let result: T;
  try {
    // BEGIN is sent first but not awaited first: on a pipelined connection it costs no round trip of its own.
    const begun = transaction.begin(settings);
    const worked = store
      .run(transaction, () => work(transaction))
      .then(async (value) => {
        await transaction.refuseUnanswered();
        return value;
      });
    const done = Promise.all([worked, begun]).then(async ([value]) => {
      await transaction.runBeforeCommit();
      scope?.refuseWhenOver();
      return value;
    });
    result = await Promise.race([done, idle.promise]);
  } catch (error) {
    await rollBack(transaction, error);
    throw error;
  } finally {
    connection.off("error", onError);
  }
  if ((await transaction.end("COMMIT")) !== "COMMIT")
    throw new PostboxError(
      "transaction-aborted",
      "The server answered COMMIT with ROLLBACK: a statement failed and its error was swallowed. Let the error reach the transaction.",
    );
  transaction.runAfterCommit();
  return result;
}

/** @throws PostboxError if the work's error is but a consequence of a lost connection. */
async function rollBack(transaction: OpenTransaction, error: unknown): Promise<void> {
  try {
    await transaction.end("ROLLBACK");
  } catch (cause) {
    if (transaction.isAbandoned || errorCode(error) === "transaction-idle") return;
    // The server had ended the transaction before the failed statement was sent, and so answered the statement with it.
    if (sqlState(error) === idleInTransaction) throw transactionIdle(error);
    throw new PostboxError("connection-lost", `The connection to the database was lost: ${String(error)}`, { cause });
  }
}

function transactionIdle(cause: unknown): PostboxError {
  return new PostboxError(
    "transaction-idle",
    "Postgres ended a transaction that sent nothing for too long. Await what is not the database before or after the transaction, or raise TRANSACTION_IDLE_MS.",
    { cause },
  );
}
