import type { Transaction } from "./transaction.ts";

/**
 * A transaction as a part of its work sees it. Models go by the Sequelize transaction of their context and ask it
 * whether it is finished before each statement; so the view has one of its own.
 *
 * @param refuse called before each use; throws when the part is over.
 */
export function viewOf(transaction: Transaction, refuse: () => void): Transaction {
  return {
    ...transaction,
    sequelize: Object.create(transaction.sequelize, {
      finished: {
        get: () => {
          refuse();
          return Reflect.get(transaction.sequelize, "finished");
        },
      },
    }),
    query: async (statement) => {
      refuse();
      return transaction.query(statement);
    },
    beforeCommit: (hook) => {
      refuse();
      transaction.beforeCommit(hook);
    },
    afterCommit: (hook) => {
      refuse();
      transaction.afterCommit(hook);
    },
  };
}
