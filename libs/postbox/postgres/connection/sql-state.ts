import pg from "pg";
import { ConnectionError, DatabaseError } from "sequelize";

/**
 * The SQLSTATE of a database error, also of one that Sequelize has wrapped; undefined for any other error.
 *
 * Codes of the operating system look alike: `EPIPE` has five capitals. Each SQLSTATE of Postgres has a digit, and one
 * without is only believed of the server itself.
 */
export function sqlState(error: unknown): string | undefined {
  const unwrapped = error instanceof DatabaseError || error instanceof ConnectionError ? error.parent : error;
  if (unwrapped instanceof pg.DatabaseError) return unwrapped.code;
  if (!(unwrapped instanceof Error) || !("code" in unwrapped)) return undefined;
  return typeof unwrapped.code === "string" && /^(?=.*\d)[0-9A-Z]{5}$/.test(unwrapped.code)
    ? unwrapped.code
    : undefined;
}
