import type pg from "pg";
import { type QueryOptions, Sequelize, Transaction } from "sequelize";

/** The version of Sequelize whose source the functions here were checked against. */
export const sequelizeVersion = "6.37.8";

/** Sequelize's connection manager, which its type declarations leave open. sequelize/lib/sequelize.js. */
export interface ConnectionManager {
  getConnection(options: { readonly type: "write" }): Promise<pg.Client>;
  releaseConnection(connection: pg.Client): void;
  destroyConnection(connection: pg.Client): Promise<void>;
}

const connectionManager = (sequelize: Sequelize): ConnectionManager =>
  sequelize.connectionManager as unknown as ConnectionManager;

/** Has Sequelize take and give back connections by way of `manager`, also for models. @returns its own functions. */
export function interceptConnections(sequelize: Sequelize, manager: ConnectionManager): ConnectionManager {
  const own = connectionManager(sequelize);
  const { getConnection, releaseConnection, destroyConnection } = own;
  const original = {
    getConnection: getConnection.bind(own),
    releaseConnection: releaseConnection.bind(own),
    destroyConnection: destroyConnection.bind(own),
  };
  Object.assign(own, manager);
  return original;
}

/**
 * A Sequelize transaction on a connection that somebody else begins and ends.
 *
 * sequelize/lib/sequelize.js: `query` takes `transaction.connection` and refuses if `transaction.finished` is set.
 */
export function transactionOn(sequelize: Sequelize, connection: pg.Client): Transaction {
  return Object.assign(new Transaction(sequelize, {}), { connection });
}

/** Makes Sequelize refuse further statements of the transaction. */
export function markFinished(transaction: Transaction, how: "commit" | "rollback"): void {
  Object.assign(transaction, { finished: how });
}

const original = Symbol("original");
const refusal = Symbol("refusal");

interface Guarded {
  readonly [original]: Transaction;
  readonly [refusal]: () => void;
}

const guardedPrototype = Object.create(Transaction.prototype, {
  finished: {
    get(this: Guarded) {
      this[refusal]();
      return Reflect.get(this[original], "finished");
    },
  },
});

/**
 * The same transaction, but `refuse` is called before each statement and may throw. Sequelize reads `finished` before
 * each statement, so `finished` is a getter here. The getter stands on a shared prototype: one on each object would
 * cost a hidden class each, which V8 keeps until a full collection.
 */
export function guardedTransaction(transaction: Transaction, refuse: () => void): Transaction {
  const own = { ...transaction, [original]: transaction, [refusal]: refuse };
  // Once the transaction has ended, its own `finished` would hide the getter.
  Reflect.deleteProperty(own, "finished");
  return Object.assign(Object.create(guardedPrototype), own);
}

/**
 * A Sequelize class whose models and queries join the transaction that `current` gives.
 *
 * Sequelize keeps its store of the current transaction in `_cls` on the class. Models read
 * `this.sequelize.constructor._cls` (sequelize/lib/model.js), but `query` reads `Sequelize._cls` of the base class
 * (sequelize/lib/sequelize.js). So `_cls` stands on a class of its own, and `query` gets the transaction as an option.
 */
export function sequelizeJoining(current: () => Transaction | null): typeof Sequelize {
  class JoiningSequelize extends Sequelize {
    static _cls = {
      get: (key: string) => (key === "transaction" ? current() : undefined),
      set: () => undefined,
      run: (work: () => unknown) => work(),
      bind: (work: unknown) => work,
    };
  }
  // Assigned, not overridden: Sequelize declares `query` in fifteen overloads, and all pass their options on.
  const { query } = Sequelize.prototype;
  Object.assign(JoiningSequelize.prototype, {
    query(this: Sequelize, sql: string, given?: QueryOptions) {
      const transaction = given?.transaction === undefined ? current() : given.transaction;
      return query.call(this, sql, { ...given, transaction });
    },
  });
  return JoiningSequelize;
}
