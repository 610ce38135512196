import { ConnectionError, DatabaseError } from "sequelize";

/** The SQLSTATE of a database error, also of one that Sequelize has wrapped; undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  const unwrapped = error instanceof DatabaseError || error instanceof ConnectionError ? error.parent : error;
  if (!(unwrapped instanceof Error) || !("code" in unwrapped)) return undefined;
  return typeof unwrapped.code === "string" && /^[0-9A-Z]{5}$/.test(unwrapped.code) ? unwrapped.code : undefined;
}
