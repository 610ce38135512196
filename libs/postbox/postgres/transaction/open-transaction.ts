import { setImmediate as nextTurn } from "node:timers/promises";
import type pg from "pg";
import type { Transaction as SequelizeTransaction } from "sequelize";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { backendPid, socketOf, unansweredStatements } from "../connection/pg-internals.ts";
import { isRepeatable, type WorkKind } from "../connection/work-kind.ts";
import type { ConnectionPool } from "../sequelize/connection-pool.ts";
import { markFinished, transactionOn } from "../sequelize/sequelize-internals.ts";
import { immune } from "./immune.ts";
import { OpenWork } from "./open-work.ts";
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
  readonly #sequelize: SequelizeTransaction;
  readonly #pool: ConnectionPool;
  readonly #connection: pg.Client;
  readonly #store: TransactionStore;
  readonly #repeatable: boolean;
  readonly #beforeCommit: (() => Promise<void>)[] = [];
  readonly #afterCommit: (() => void)[] = [];
  readonly #inner = new OpenWork();
  #hasBegun = false;
  #hasModels = false;
  #state: "open" | "abandoned" | "ended" = "open";

  constructor(pool: ConnectionPool, connection: pg.Client, store: TransactionStore, kind: WorkKind) {
    this.#sequelize = transactionOn(pool.sequelize, connection);
    this.#repeatable = isRepeatable(kind);
    this.#pool = pool;
    this.#connection = connection;
    this.#store = store;
  }

  /** Asked for by each model's call, which thereby joins. */
  get sequelize(): SequelizeTransaction {
    this.#hasModels = true;
    return this.#sequelize;
  }

  get isAbandoned(): boolean {
    return this.#state === "abandoned";
  }

  /** Sends BEGIN. The connection is pipelined, so statements may follow without waiting for the answer. */
  async begin(settings: TransactionSettings): Promise<void> {
    const set = Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = ${value}`);
    await this.#connection.query(["BEGIN", ...set].join("; "));
    this.#hasBegun = true;
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

  join<T>(work: () => Promise<T>): Promise<T> {
    return this.#inner.track(work);
  }

  view(refuse: () => void): TransactionView {
    const view = new ScopedTransaction(this, refuse);
    return { query: view.query, run: (work) => this.#store.run(view, work), hasModels: () => view.hasModels };
  }

  abandon(): void {
    if (this.#state !== "open") return;
    this.#state = "abandoned";
    socketOf(this.#connection).destroy();
    // Postgres does not notice a closed connection while a statement runs, and would keep the locks until its end.
    // If no other connection can be had, the statement ends by itself.
    void this.#terminateBackend().catch(() => undefined);
  }

  /**
   * Called when the work is done.
   *
   * @throws PostboxError `transaction-over` if a statement of the work is not answered yet, so that nobody awaits it.
   */
  async refuseUnanswered(): Promise<void> {
    // A model's call that nobody awaits sends its statement in this turn of the event loop.
    if (this.#hasModels) await nextTurn();
    const own = this.#hasBegun ? 0 : 1;
    if (this.isAbandoned || (this.#inner.isDone && unansweredStatements(this.#connection) <= own)) return;
    this.#inner.disown();
    throw new PostboxError(
      "transaction-over",
      "The work of a transaction ended before its statements. Await each statement, each call of a model and each transaction inside it; nothing of this one is kept.",
    );
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
    markFinished(this.#sequelize, verb === "COMMIT" ? "commit" : "rollback");
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
