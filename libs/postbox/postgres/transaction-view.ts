import type pg from "pg";
import { Transaction as SequelizeTransaction } from "sequelize";
import type { Statement, Transaction } from "./transaction.ts";

/**
 * A transaction as a part of its work sees it. Models go by the Sequelize transaction of their context and ask it
 * whether it is finished before each statement; so the view has one of its own, made when a model asks for it.
 *
 * A class, not an object with accessors of its own: each of those costs a hidden class, which V8 keeps in its old
 * generation until the next full collection, together with all that the accessor refers to.
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

  get sequelize(): SequelizeTransaction {
    this.#sequelize ??= seenByModels(this.#whole.sequelize, this.#refuse);
    return this.#sequelize;
  }

  // Functions of its own, as those of the whole: both may be taken apart. Async, so that a refusal rejects.
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

  view(refuse: () => void) {
    return this.#whole.view(refuse);
  }

  abandon(): void {
    this.#whole.abandon();
  }
}

const whole = Symbol("whole");
const refusal = Symbol("refusal");

interface SeenByModels {
  readonly [whole]: SequelizeTransaction;
  readonly [refusal]: () => void;
}

const seenPrototype = Object.create(SequelizeTransaction.prototype, {
  finished: {
    get(this: SeenByModels) {
      this[refusal]();
      return Reflect.get(this[whole], "finished");
    },
  },
});

function seenByModels(transaction: SequelizeTransaction, refuse: () => void): SequelizeTransaction {
  const own = { ...transaction, [whole]: transaction, [refusal]: refuse };
  // It is there once the whole has ended.
  Reflect.deleteProperty(own, "finished");
  return Object.assign(Object.create(seenPrototype), own);
}
