import type pg from "pg";
import { reasonOf } from "../../../../core/errors/reason.ts";
import { sqlState } from "../../database/sql-state.ts";

/** A statement that the database refused. */
export interface Refusal {
  readonly statement: string;
  readonly reason: string;
  readonly code: string | undefined;
}

/** Runs the statements, adds those that succeed to `done` and returns the others. */
export async function runStatements(
  client: pg.Client,
  statements: readonly string[],
  done: string[],
): Promise<Refusal[]> {
  const refused: Refusal[] = [];
  for (const statement of statements)
    try {
      done.push(...(await runOne(client, statement)));
    } catch (error) {
      refused.push({ statement, reason: reasonOf(error), code: sqlState(error) });
    }
  return refused;
}

/** SQLSTATE of a column whose default cannot be cast to the new type. */
const defaultInTheWay = "42804";
/** SQLSTATE of a column that itself cannot be cast to the new type. */
const cannotCoerce = "42846";

/**
 * Runs a statement. Where a column's type cannot be changed, the default or the column is dropped first.
 *
 * @returns what was run.
 */
async function runOne(client: pg.Client, statement: string): Promise<string[]> {
  try {
    await runAlone(client, statement);
    return [statement];
  } catch (error) {
    const [, table, column] = /^(alter table .+?) alter column (.+?) set data type /.exec(statement) ?? [];
    if (column === undefined) throw error;
    if (sqlState(error) === defaultInTheWay) {
      const drop = `${table} alter column ${column} drop default`;
      await runAlone(client, drop);
      return [drop, ...(await runOne(client, statement))];
    }
    if (sqlState(error) !== cannotCoerce) throw error;
    // The next pass of the diff adds the column with its new type.
    const drop = `${table} drop column ${column}`;
    await runAlone(client, drop);
    return [drop];
  }
}

/** Runs a statement under a savepoint, so that its failure leaves the transaction as before. */
async function runAlone(client: pg.Client, statement: string): Promise<void> {
  await client.query("savepoint statement");
  try {
    await client.query(statement);
  } catch (error) {
    await client.query("rollback to savepoint statement");
    throw error;
  } finally {
    await client.query("release savepoint statement");
  }
}
