import type { AsyncLocalStorage } from "node:async_hooks";
import type pg from "pg";
import type { Transaction as SequelizeTransaction } from "sequelize";
import type { TransactionScope } from "./transaction-scope.ts";

/** One SQL operation: its name (prepared once on each connection), its text, its values. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: unknown[];
  /**
   * True: casts fix the types of the columns that it returns, whatever becomes of the table (`id::uuid`, never `*`). It
   * then stays prepared inside a request's transaction. Default: it does so only if it returns no rows.
   */
  readonly fixedColumns?: true;
}

/** An open transaction on one connection. */
export interface Transaction {
  /** What Sequelize calls take as `transaction` where they run outside the transaction's asynchronous context. */
  readonly sequelize: SequelizeTransaction;
  /** Sends one statement on the transaction's connection. A `name` makes it a prepared statement. */
  query<Row extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<Row>>;
  /** Runs just before COMMIT, in the order added. An error rolls the transaction back. */
  beforeCommit(hook: () => Promise<void>): void;
  /** Runs after a successful COMMIT, in the order added. */
  afterCommit(hook: () => void): void;
  /** Runs the work of a transaction inside this one, which must end before this one does. */
  join<T>(work: () => Promise<T>): Promise<T>;
  /** A view of the transaction for a part of its work. `refuse` is called before each use and throws when the part is over. */
  view(refuse: () => void): TransactionView;
  /** Destroys the connection instead of rolling back: for work that does not stop. */
  abandon(): void;
}

/** A transaction as a part of its work sees it, also through models and whatever else finds it by its context. */
export interface TransactionView {
  readonly query: Transaction["query"];
  /** Runs `work` with the view as the current transaction. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Whether a model has joined: it sends its statement only after checks of its own. */
  hasModels(): boolean;
}

/** Settings of Postgres for one transaction, sent with its BEGIN. */
export interface TransactionSettings {
  /** `off`: COMMIT does not wait for the disk. */
  readonly synchronous_commit?: "off";
  /** Milliseconds that the transaction may send nothing before Postgres ends it. */
  readonly idle_in_transaction_session_timeout?: number;
  /** Milliseconds that a statement may take. 0: without a limit. */
  readonly statement_timeout?: number;
  /** Milliseconds that a statement may wait for a lock. 0: without a limit. */
  readonly lock_timeout?: number;
  /** `off`: no table is read whole where an index serves. */
  readonly enable_seqscan?: "off";
  readonly enable_bitmapscan?: "off";
}

/** The current transaction of one database by asynchronous context, or else the run that may begin one. */
export type TransactionStore = AsyncLocalStorage<Transaction | TransactionScope | undefined>;
