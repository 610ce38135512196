import type pg from "pg";
import type { Transaction as SequelizeTransaction } from "sequelize";
import { guardedTransaction } from "../sequelize/sequelize-internals.ts";
import type { Statement, Transaction } from "./transaction.ts";

/**
 * A transaction as a part of its work sees it: each use is refused once the part is over, also a use by a model.
 *
 * A class, not an object with accessors: each accessor of an object costs a hidden class. V8 keeps that class, and all
 * that the accessor refers to, until the next full collection.
 */
export class ScopedTransaction implements Transaction {
  readonly #whole: Transaction;
  readonly #refuse: () => void;
  #sequelize: SequelizeTransaction | undefined;

  /** @param refuse called before each use; throws when the part is over. */
  constructor(whole: Transaction, refuse: () => void) {
    this.#whole = whole;
    this.#refuse = refuse;
  }

  /** Made when the first model asks for it. */
  get sequelize(): SequelizeTransaction {
    this.#sequelize ??= guardedTransaction(this.#whole.sequelize, this.#refuse);
    return this.#sequelize;
  }

  /** Whether a model has asked for the transaction. */
  get hasModels(): boolean {
    return this.#sequelize !== undefined;
  }

  // A function of its own, so that callers may take it apart. Async, so that a refusal rejects.
  readonly query = async <Row extends pg.QueryResultRow>(statement: Statement) => {
    this.#refuse();
    return this.#whole.query<Row>(statement);
  };

  readonly beforeCommit = (hook: () => Promise<void>): void => {
    this.#refuse();
    this.#whole.beforeCommit(hook);
  };

  readonly afterCommit = (hook: () => void): void => {
    this.#refuse();
    this.#whole.afterCommit(hook);
  };

  /** Whoever handed this view out sees to it that the part's work has ended. */
  join<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  view(refuse: () => void) {
    return this.#whole.view(refuse);
  }

  abandon(): void {
    this.#whole.abandon();
  }
}
