import pg from "pg";

/**
 * The SQLSTATE of an error of `pg`; undefined for any other error. Errors of Sequelize are for `postgres/connection/sql-state.ts`:
 * a command that only migrates does not load Sequelize, which takes a third of a second.
 */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}
