import { AsyncLocalStorage } from "node:async_hooks";
import type pg from "pg";
import { ConnectionError, type Sequelize } from "sequelize";
import type { DatabaseOptions } from "./connection/database-options.ts";
import { databaseFault, endsUse } from "./connection/fault.ts";
import { isReadOnly } from "./connection/read-only.ts";
import type { WorkKind } from "./connection/work-kind.ts";
import { ConnectionPool } from "./sequelize/connection-pool.ts";
import { unnamed } from "./transaction/immune.ts";
import { runTransaction } from "./transaction/run-transaction.ts";
import type { Statement, Transaction, TransactionSettings, TransactionStore } from "./transaction/transaction.ts";
import { TransactionScope } from "./transaction/transaction-scope.ts";

/** What all views of one database share. */
interface Shared {
  readonly pool: ConnectionPool;
  readonly store: TransactionStore;
}

/**
 * One service's own Postgres database.
 *
 * Each database finds its current transaction in a store of its own. Sequelize's `useCLS` is global: inside a transaction
 * of one service, models of another service in the same process would run on the first service's connection.
 */
export class Database {
  readonly options: DatabaseOptions;
  readonly #shared: Shared;
  readonly #kind: WorkKind;
  readonly #settings: TransactionSettings;

  constructor(options: DatabaseOptions, shared: Shared = open(options), kind: WorkKind = "request") {
    this.options = options;
    this.#shared = shared;
    this.#kind = kind;
    // A connection begins with the limits of requests.
    const limits = kind === "request" ? undefined : options.limits?.[kind];
    this.#settings = limits ? { statement_timeout: limits.statementMs, lock_timeout: limits.lockMs } : {};
  }

  get sequelize(): Sequelize {
    return this.#shared.pool.sequelize;
  }

  /** The same database, on the same connections, for another kind of work: its limits, and its share of the connections. */
  as(kind: WorkKind): Database {
    return new Database(this.options, this.#shared, kind);
  }

  /**
   * Opens `minConnections` connections and runs `warmUp` on each, so that no later work pays for a cold connection.
   *
   * @throws if there is no server, or what `warmUp` throws.
   */
  async open(warmUp: (tx: Transaction) => Promise<void>): Promise<void> {
    // Not as requests, to which not all connections are open.
    const own = this.as("relay");
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
    const warmConnections = Array.from({ length: missing }, () => own.transaction(work));
    for (const connection of warmConnections) connection.catch(allOpen.reject);
    await Promise.all(warmConnections);
  }

  /** The transaction of the current asynchronous context; undefined outside any. */
  get current(): Transaction | undefined {
    return transactionIn(this.#shared.store);
  }

  /**
   * Runs `work` in a transaction. Models and moleculer-db's adapter join the transaction by themselves. Inside
   * another transaction of this database, `work` joins that one.
   *
   * @param settings apply to a new transaction only.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>, settings: TransactionSettings = {}): Promise<T> {
    const found = this.#shared.store.getStore();
    const begin = (scope?: TransactionScope) =>
      runTransaction({ ...this.#shared, kind: this.#kind, scope }, work, { ...this.#settings, ...settings });
    if (found instanceof TransactionScope) return found.track(() => begin(found));
    return found?.join(() => work(found)) ?? begin();
  }

  /**
   * Runs an action or a job: outside any transaction, so that a local call behaves as a remote one, and to the end of the
   * transactions that it begins.
   *
   * @throws PostboxError `transaction-over` if one of them is still open at its end; the transaction is rolled back.
   */
  async bounded<T>(work: () => T): Promise<Awaited<T>> {
    const scope = new TransactionScope();
    let result: Awaited<T>;
    try {
      result = await this.#shared.store.run(scope, work);
    } finally {
      scope.close();
    }
    scope.refuseOpen();
    return result;
  }

  /** Runs `work` outside any transaction. */
  detached<T>(work: () => T): T {
    return this.#shared.store.run(undefined, work);
  }

  /**
   * Sends one statement: in the current transaction, or outside any transaction and then committed at once.
   *
   * A statement outside is sent once more, on a fresh connection, where that is safe: it was refused unread, or it only
   * reads and its connection broke. A job's statement gets a transaction of its own, which has the limits of jobs.
   */
  async query<Row extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<Row>> {
    if (this.current) return this.current.query<Row>(statement);
    if (this.#kind === "job" && !outsideOnly.test(statement.text))
      return this.transaction((tx) => tx.query<Row>(statement));
    const begin = performance.now();
    try {
      return await this.#send<Row>(statement);
    } catch (error) {
      if (!maySendAgain(error, statement, performance.now() - begin)) throw error;
      return this.#send<Row>(unnamed(statement));
    }
  }

  /** @throws if the server cannot be reached, or takes no writes: `the server is read-only`. */
  async check(): Promise<void> {
    const { pool } = this.#shared;
    const connection = await pool.acquire("relay");
    let refused = true;
    try {
      refused = await isReadOnly(connection);
    } finally {
      if (refused) await pool.destroy(connection);
      else pool.release(connection);
    }
    if (refused) throw new Error("the server is read-only");
  }

  async close(): Promise<void> {
    await this.sequelize.close();
  }

  async #send<Row extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<Row>> {
    const { pool } = this.#shared;
    const connection = await pool.acquire(this.#kind);
    try {
      return await connection.query<Row>(statement);
    } finally {
      pool.release(connection);
    }
  }
}

function transactionIn(store: TransactionStore): Transaction | undefined {
  const found = store.getStore();
  return found instanceof TransactionScope ? undefined : found;
}

function open(options: DatabaseOptions): Shared {
  const store: TransactionStore = new AsyncLocalStorage();
  return { store, pool: new ConnectionPool(options, () => transactionIn(store)?.sequelize ?? null) };
}

/** Statements that Postgres refuses inside a transaction. */
const outsideOnly = /^\s*(vacuum|reindex|cluster|alter\s+system|(create|drop)\s.*\bconcurrently)\b/is;

/** Milliseconds after which a read is not sent again: a server that answers nothing would keep its caller waiting twice. */
const sendAgainMs = 1_000;

/** Whether a statement that failed outside a transaction, after `afterMs`, may be sent again. */
function maySendAgain(error: unknown, { text }: Statement, afterMs: number): boolean {
  const fault = databaseFault(error);
  if (fault === "stale" || fault === "read-only") return true;
  return afterMs < sendAgainMs && endsUse(error) && !(error instanceof ConnectionError) && /^\s*select\b/i.test(text);
}
