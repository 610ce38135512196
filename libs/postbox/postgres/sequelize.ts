import { type QueryOptions, Sequelize } from "sequelize";
import type { DatabaseOptions } from "./database-options.ts";
import { pipelinedPg } from "./pipelined-client.ts";
import type { TransactionStore } from "./transaction.ts";

/**
 * Opens a Sequelize of its own class for one database.
 *
 * Sequelize finds the current transaction through `_cls` on its class: models ask `this.sequelize.constructor._cls`,
 * but `query` asks the base class. So `_cls` stands on a subclass, and `query` is told here.
 */
export function openSequelize(options: DatabaseOptions, store: TransactionStore): Sequelize {
  const current = () => store.getStore()?.sequelize ?? null;

  class ServiceSequelize extends Sequelize {
    static _cls = {
      get: (key: string) => (key === "transaction" ? current() : undefined),
      set: () => undefined,
      run: (work: () => unknown) => work(),
      bind: (work: unknown) => work,
    };
  }
  // Assigned, not overridden: Sequelize declares `query` in fifteen overloads, and all hand their options on.
  const { query } = Sequelize.prototype;
  Object.assign(ServiceSequelize.prototype, {
    query(this: Sequelize, sql: string, given?: QueryOptions) {
      const transaction = given?.transaction === undefined ? current() : given.transaction;
      return query.call(this, sql, { ...given, transaction });
    },
  });

  return new ServiceSequelize({
    dialect: "postgres",
    dialectModule: pipelinedPg,
    host: options.host,
    port: options.port,
    username: options.user,
    password: options.password,
    database: options.database,
    logging: false,
    pool: { max: options.poolSize, min: options.minConnections ?? 0, idle: 10_000, acquire: 30_000 },
    dialectOptions: {
      application_name: options.applicationName,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      // A startup parameter: it costs no statement, and a transaction that sets its own overrides it.
      ...(options.transactionIdleMs !== undefined && {
        idle_in_transaction_session_timeout: options.transactionIdleMs,
      }),
    },
    define: { underscored: true, timestamps: false },
  });
}
