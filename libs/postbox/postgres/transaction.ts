import type { AsyncLocalStorage } from "node:async_hooks";
import type pg from "pg";
import type { Transaction as SequelizeTransaction } from "sequelize";

/** One SQL operation: its name (prepared once a connection), its text, its values. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: unknown[];
}

/** An open transaction on one connection. */
export interface Transaction {
  /** What Sequelize calls take as `transaction`, where they run outside the transaction's asynchronous context. */
  readonly sequelize: SequelizeTransaction;
  /** Sends one statement on the transaction's connection. A `name` makes it a prepared statement. */
  query<Row extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<Row>>;
  /** Runs just before COMMIT, in the order added. An error rolls back. */
  beforeCommit(hook: () => Promise<void>): void;
  /** Runs after a successful COMMIT, in the order added. */
  afterCommit(hook: () => void): void;
  /** A view of the transaction for a part of its work; `refuse` is called before each use of it, to throw when that part is over. */
  view(refuse: () => void): TransactionView;
  /** Gives the connection up at the end instead of asking it to roll back: for work that would not stop. */
  abandon(): void;
}

/** A transaction as a part of its work sees it, also through models and whatever else finds it by its context. */
export interface TransactionView {
  readonly query: Transaction["query"];
  /** Runs `work` with the view in the place of the transaction. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** Settings of Postgres for one transaction, sent with its BEGIN; times in milliseconds. */
export interface TransactionSettings {
  /** `off`: COMMIT does not wait for the disk. */
  readonly synchronous_commit?: "off";
  /** After which a transaction that sends nothing is ended. */
  readonly idle_in_transaction_session_timeout?: number;
  /** `off`: tables are not read whole where an index will do. */
  readonly enable_seqscan?: "off";
  readonly enable_bitmapscan?: "off";
}

/** The transaction of the present asynchronous context, of one database. */
export type TransactionStore = AsyncLocalStorage<Transaction | undefined>;
