import { AsyncLocalStorage } from "node:async_hooks";
import type pg from "pg";
import type { Sequelize } from "sequelize";
import { connectionPool } from "./connection.ts";
import type { DatabaseOptions } from "./database-options.ts";
import { runTransaction } from "./run-transaction.ts";
import { openSequelize } from "./sequelize.ts";
import type { Statement, Transaction, TransactionSettings, TransactionStore } from "./transaction.ts";

/**
 * One service's own Postgres database.
 *
 * The current transaction is found through a store of this database alone. Sequelize's `useCLS` is global to the
 * class: inside the transaction of one service, another service's models in the same process would run on the first
 * one's connection.
 */
export class Database {
  readonly options: DatabaseOptions;
  readonly sequelize: Sequelize;
  readonly #store: TransactionStore = new AsyncLocalStorage();

  constructor(options: DatabaseOptions) {
    this.options = options;
    this.sequelize = openSequelize(options, this.#store);
  }

  /**
   * Opens the connections that stand, and has each rehearse what comes first, so that this does not wait for it.
   *
   * @throws if there is no server, or what `rehearse` throws.
   */
  async open(rehearse: (tx: Transaction) => Promise<void>): Promise<void> {
    const all = Promise.withResolvers<void>();
    // Nobody waits for it if no connection opens.
    all.promise.catch(() => undefined);
    let missing = this.options.minConnections ?? 0;
    // One that had rehearsed would be taken for the next, too, while a further one is being opened.
    const work = async (tx: Transaction) => {
      missing -= 1;
      if (missing === 0) all.resolve();
      await all.promise;
      await rehearse(tx);
    };
    const standing = Array.from({ length: missing }, () => this.transaction(work));
    for (const one of standing) one.catch(all.reject);
    await Promise.all(standing);
  }

  /** The transaction of the present context, if there is one. */
  get current(): Transaction | undefined {
    return this.#store.getStore();
  }

  /**
   * Runs `work` in a transaction; models, moleculer-db's adapter and `enqueue` join it by themselves. Inside another
   * transaction of this database it joins that one.
   *
   * @param settings of a transaction of its own.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>, settings: TransactionSettings = {}): Promise<T> {
    const { current } = this;
    return current ? work(current) : runTransaction(this.sequelize, this.#store, work, settings);
  }

  /** Runs `work` outside any transaction, as at an action's boundary: a local call then behaves as a remote one. */
  detached<T>(work: () => T): T {
    return this.#store.run(undefined, work);
  }

  /** Sends one statement by itself: in the current transaction, or else committed at once. */
  async query<Row extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<Row>> {
    if (this.current) return this.current.query<Row>(statement);
    const pool = connectionPool(this.sequelize);
    const connection = await pool.getConnection({ type: "write", uuid: "default" });
    try {
      return await connection.query<Row>(statement);
    } finally {
      pool.releaseConnection(connection);
    }
  }

  async close(): Promise<void> {
    await this.sequelize.close();
  }
}
