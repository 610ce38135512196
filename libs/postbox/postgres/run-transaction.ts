import { type Sequelize, Transaction as SequelizeTransaction } from "sequelize";
import { errorCode, PostboxError } from "../core/errors/postbox-error.ts";
import { type ConnectionPool, connectionPool } from "./connection.ts";
import { sqlState } from "./sql-state.ts";
import type { Transaction, TransactionSettings, TransactionStore } from "./transaction.ts";
import { ScopedTransaction } from "./transaction-view.ts";

/**
 * Runs `work` in a transaction of its own: commits when it resolves, rolls back when it rejects.
 *
 * The transaction is open, then committed or rolled back; both are final, and a query sent afterwards is refused.
 * COMMIT counts only if the server's command tag says `COMMIT`: after a swallowed database error the server answers
 * it with `ROLLBACK`, and no error. A connection whose COMMIT or ROLLBACK failed is in an unknown state; it is
 * destroyed, never handed out again.
 *
 * @throws PostboxError `transaction-aborted` when the server rolled back at COMMIT; `transaction-idle` when it ended
 * the transaction because nothing came, at once and not when the work ends, which it may never do; `connection-lost`
 * when the work failed and its connection is gone, so that its error says nothing about the work.
 */
export async function runTransaction<T>(
  sequelize: Sequelize,
  store: TransactionStore,
  work: (transaction: Transaction) => Promise<T>,
  settings: TransactionSettings,
): Promise<T> {
  const pool = connectionPool(sequelize);
  const inner = new SequelizeTransaction(sequelize, {});
  const uuid = String(Reflect.get(inner, "id"));
  const connection = await pool.getConnection({ type: "write", uuid });
  connection.uuid = uuid;
  Object.assign(inner, { connection });
  const before: (() => Promise<void>)[] = [];
  const after: (() => void)[] = [];
  let over = false;
  let abandoned = false;

  const refuseWhenOver = () => {
    if (over)
      throw new PostboxError(
        "transaction-over",
        "Something came after the end of its transaction; await all of its work.",
      );
  };

  const transaction: Transaction = {
    sequelize: inner,
    query: async (statement) => {
      refuseWhenOver();
      return connection.query(statement);
    },
    beforeCommit: (hook) => {
      refuseWhenOver();
      before.push(hook);
    },
    afterCommit: (hook) => {
      refuseWhenOver();
      after.push(hook);
    },
    view: (refuse) => {
      const seen = new ScopedTransaction(transaction, refuse);
      return { query: seen.query, run: (work) => store.run(seen, work) };
    },
    abandon: () => {
      if (over) return;
      over = true;
      abandoned = true;
      connection.connection.stream.destroy();
      // Postgres does not see that the client has gone while a statement runs, and would keep its locks till its end.
      void terminate(pool, connection.processID).catch(() => undefined);
    },
  };

  const end = async (verb: "COMMIT" | "ROLLBACK"): Promise<string> => {
    over = true;
    Object.assign(inner, { finished: verb === "COMMIT" ? "commit" : "rollback" });
    try {
      if (abandoned) throw new PostboxError("transaction-over", "The transaction was abandoned.");
      const { command } = await connection.query(verb);
      connection.uuid = undefined;
      pool.releaseConnection(connection);
      return command;
    } catch (error) {
      await pool.destroyConnection(connection);
      throw error;
    }
  };

  const idle = Promise.withResolvers<never>();
  const onError = (error: Error & { code?: string }) => {
    if (error.code === idleInTransaction) idle.reject(transactionIdle(error));
  };
  connection.on("error", onError);
  let result: T;
  try {
    // Sent first, but not awaited first: the connection is pipelined, so BEGIN costs no round trip of its own.
    const begun = connection.query(beginWith(settings));
    const done = Promise.all([store.run(transaction, () => work(transaction)), begun]).then(async ([value]) => {
      for (let hook = before.shift(); hook; hook = before.shift()) await hook();
      return value;
    });
    result = await Promise.race([done, idle.promise]);
  } catch (error) {
    await end("ROLLBACK").catch((cause: unknown) => {
      if (abandoned || errorCode(error) === "transaction-idle") return;
      // It came as the answer to a statement: the server ended it before that one was sent.
      if (sqlState(error) === idleInTransaction) throw transactionIdle(error);
      throw new PostboxError("connection-lost", `The connection to the database was lost: ${String(error)}`, {
        cause,
      });
    });
    throw error;
  } finally {
    connection.off("error", onError);
  }
  if ((await end("COMMIT")) !== "COMMIT")
    throw new PostboxError(
      "transaction-aborted",
      "COMMIT was answered with ROLLBACK: a statement failed and its error was swallowed. Let it reach the transaction.",
    );
  for (const hook of after) hook();
  return result;
}

function beginWith(settings: TransactionSettings): string {
  return ["BEGIN", ...Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = ${value}`)].join("; ");
}

/** SQLSTATE of a transaction that the server has ended because nothing came. */
const idleInTransaction = "25P03";

function transactionIdle(cause: unknown): PostboxError {
  return new PostboxError(
    "transaction-idle",
    "Postgres ended a transaction in which nothing came for too long. Await what is not the database before the transaction or after it, or raise TRANSACTION_IDLE_MS.",
    { cause },
  );
}

/** Ends a server process of this role from another connection. */
async function terminate(pool: ConnectionPool, processID: number | null): Promise<void> {
  const connection = await pool.getConnection({ type: "write", uuid: "default" });
  try {
    await connection.query({ text: "select pg_terminate_backend($1)", values: [processID] });
  } finally {
    pool.releaseConnection(connection);
  }
}
