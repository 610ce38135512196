import { AsyncLocalStorage } from "node:async_hooks";
import type pg from "pg";
import type { Sequelize } from "sequelize";
import type { DatabaseOptions } from "./connection/database-options.ts";
import { openSequelize } from "./sequelize/open-sequelize.ts";
import { acquireConnection, releaseConnection } from "./sequelize/sequelize-internals.ts";
import { runTransaction } from "./transaction/run-transaction.ts";
import type { Statement, Transaction, TransactionSettings, TransactionStore } from "./transaction/transaction.ts";

/**
 * One service's own Postgres database.
 *
 * Each database finds its current transaction in a store of its own. Sequelize's `useCLS` is global: inside a transaction
 * of one service, models of another service in the same process would run on the first service's connection.
 */
export class Database {
  readonly options: DatabaseOptions;
  readonly sequelize: Sequelize;
  readonly #store: TransactionStore = new AsyncLocalStorage();

  constructor(options: DatabaseOptions) {
    this.options = options;
    this.sequelize = openSequelize(options, () => this.current?.sequelize ?? null);
  }

  /**
   * Opens `minConnections` connections and runs `warmUp` on each, so that no later work pays for a cold connection.
   *
   * @throws if there is no server, or what `warmUp` throws.
   */
  async open(warmUp: (tx: Transaction) => Promise<void>): Promise<void> {
    let missing = this.options.minConnections ?? 0;
    const allOpen = Promise.withResolvers<void>();
    // If no connection opens, nobody awaits this promise.
    allOpen.promise.catch(() => undefined);
    // A connection given back early would be taken a second time, in the place of one that is still being opened.
    const work = async (tx: Transaction) => {
      missing -= 1;
      if (missing === 0) allOpen.resolve();
      await allOpen.promise;
      await warmUp(tx);
    };
    const warmConnections = Array.from({ length: missing }, () => this.transaction(work));
    for (const connection of warmConnections) connection.catch(allOpen.reject);
    await Promise.all(warmConnections);
  }

  /** The transaction of the current asynchronous context; undefined outside any. */
  get current(): Transaction | undefined {
    return this.#store.getStore();
  }

  /**
   * Runs `work` in a transaction. Models, moleculer-db's adapter and `enqueue` join the transaction by themselves. Inside
   * another transaction of this database, `work` joins that one.
   *
   * @param settings apply to a new transaction only.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>, settings: TransactionSettings = {}): Promise<T> {
    const { current } = this;
    return current ? work(current) : runTransaction(this.sequelize, this.#store, work, settings);
  }

  /** Runs `work` outside any transaction, as at an action's boundary: a local call then behaves as a remote one. */
  detached<T>(work: () => T): T {
    return this.#store.run(undefined, work);
  }

  /** Sends one statement: in the current transaction, or outside any transaction and then committed at once. */
  async query<Row extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<Row>> {
    if (this.current) return this.current.query<Row>(statement);
    const connection = await acquireConnection(this.sequelize);
    try {
      return await connection.query<Row>(statement);
    } finally {
      releaseConnection(this.sequelize, connection);
    }
  }

  async close(): Promise<void> {
    await this.sequelize.close();
  }
}
