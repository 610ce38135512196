import type { Statement } from "./transaction.ts";

/** Statements that return no rows. Nothing but a table's change of columns could make their plans invalid. */
const returnsNothing = /^\s*(insert|update|delete|set|savepoint|release|rollback)\b(?!.*\breturning\b)/is;

/**
 * A statement that no change of its tables can make fail: without its name, unless the types of its columns are fixed.
 *
 * Postgres refuses a prepared statement whose columns have changed since, also by `*` or another length of a text
 * (0A000), and the transaction is lost with it. The work of a request cannot be run again. So a statement that returns
 * rows is planned anew in such a transaction, which costs the server some 50 µs.
 */
export function immune(statement: Statement): Statement {
  if (statement.name === undefined || statement.fixedColumns || returnsNothing.test(statement.text)) return statement;
  return unnamed(statement);
}

/** A statement that is not prepared for later. */
export function unnamed({ text, values }: Statement): Statement {
  return values === undefined ? { text } : { text, values };
}
