import type pg from "pg";
import type { Transaction as SequelizeTransaction } from "sequelize";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { backendPid, socketOf } from "../connection/pg-internals.ts";
import { isRepeatable, type WorkKind } from "../connection/work-kind.ts";
import type { ConnectionPool } from "../sequelize/connection-pool.ts";
import { markFinished, transactionOn } from "../sequelize/sequelize-internals.ts";
import { immune } from "./immune.ts";
import { ScopedTransaction } from "./scoped-transaction.ts";
import type { Statement, Transaction, TransactionSettings, TransactionStore, TransactionView } from "./transaction.ts";

/**
 * A transaction and the connection that it holds until its end.
 *
 * The transaction is `open`, then `abandoned` or `ended`. Only an open transaction takes statements and hooks. `end`
 * leads to `ended` and gives the connection back to the pool. A connection whose COMMIT or ROLLBACK failed, or that was
 * abandoned, is in an unknown state and is destroyed.
 */
export class OpenTransaction implements Transaction {
  readonly sequelize: SequelizeTransaction;
  readonly #pool: ConnectionPool;
  readonly #connection: pg.Client;
  readonly #store: TransactionStore;
  readonly #repeatable: boolean;
  readonly #beforeCommit: (() => Promise<void>)[] = [];
  readonly #afterCommit: (() => void)[] = [];
  #state: "open" | "abandoned" | "ended" = "open";

  constructor(pool: ConnectionPool, connection: pg.Client, store: TransactionStore, kind: WorkKind) {
    this.sequelize = transactionOn(pool.sequelize, connection);
    this.#repeatable = isRepeatable(kind);
    this.#pool = pool;
    this.#connection = connection;
    this.#store = store;
  }

  get isAbandoned(): boolean {
    return this.#state === "abandoned";
  }

  /** Sends BEGIN. The connection is pipelined, so statements may follow without waiting for the answer. */
  async begin(settings: TransactionSettings): Promise<void> {
    const set = Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = ${value}`);
    await this.#connection.query(["BEGIN", ...set].join("; "));
  }

  // A function of its own, so that callers may take it apart. Async, so that a refusal rejects.
  readonly query = async <Row extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<Row>> => {
    this.#refuseUnlessOpen();
    return this.#connection.query<Row>(this.#repeatable ? statement : immune(statement));
  };

  readonly beforeCommit = (hook: () => Promise<void>): void => {
    this.#refuseUnlessOpen();
    this.#beforeCommit.push(hook);
  };

  readonly afterCommit = (hook: () => void): void => {
    this.#refuseUnlessOpen();
    this.#afterCommit.push(hook);
  };

  view(refuse: () => void): TransactionView {
    const view = new ScopedTransaction(this, refuse);
    return { query: view.query, run: (work) => this.#store.run(view, work) };
  }

  abandon(): void {
    if (this.#state !== "open") return;
    this.#state = "abandoned";
    socketOf(this.#connection).destroy();
    // Postgres does not notice a closed connection while a statement runs, and would keep the locks until its end.
    // If no other connection can be had, the statement ends by itself.
    void this.#terminateBackend().catch(() => undefined);
  }

  /** Runs the hooks, also those that a hook adds. */
  async runBeforeCommit(): Promise<void> {
    for (let hook = this.#beforeCommit.shift(); hook; hook = this.#beforeCommit.shift()) await hook();
  }

  runAfterCommit(): void {
    for (const hook of this.#afterCommit) hook();
  }

  /**
   * Ends the transaction and gives its connection back.
   *
   * @returns the server's command tag, which is `ROLLBACK` for a COMMIT of a failed transaction.
   * @throws PostboxError `transaction-over` for an abandoned transaction, or the error of the connection.
   */
  async end(verb: "COMMIT" | "ROLLBACK"): Promise<string> {
    const { isAbandoned } = this;
    this.#state = isAbandoned ? "abandoned" : "ended";
    markFinished(this.sequelize, verb === "COMMIT" ? "commit" : "rollback");
    try {
      if (isAbandoned) throw new PostboxError("transaction-over", "The transaction was abandoned.");
      const { command } = await this.#connection.query(verb);
      this.#pool.release(this.#connection);
      return command;
    } catch (error) {
      await this.#pool.destroy(this.#connection);
      throw error;
    }
  }

  #refuseUnlessOpen(): void {
    if (this.#state === "open") return;
    throw new PostboxError(
      "transaction-over",
      "A statement or hook came after the end of its transaction. Await all work inside the transaction.",
    );
  }

  /** Ends the server process of this connection by way of another connection. */
  async #terminateBackend(): Promise<void> {
    const other = await this.#pool.acquire("relay");
    try {
      await other.query({ text: "select pg_terminate_backend($1)", values: [backendPid(this.#connection)] });
    } finally {
      this.#pool.release(other);
    }
  }
}
