import type { Transaction } from "./transaction.ts";

/** What takes a statement: a database, a transaction, or the transaction of an event handler. */
export type Queryable = Pick<Transaction, "query">;
