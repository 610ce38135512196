import type { Transaction } from "./transaction.ts";

/** Whatever takes a statement: a database, a transaction, or the transaction of an event handler. */
export type Queryable = Pick<Transaction, "query">;
