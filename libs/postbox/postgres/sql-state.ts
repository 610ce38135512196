import { ConnectionError, DatabaseError } from "sequelize";

/** SQLSTATE of a database error, also inside Sequelize's; undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  const inner = error instanceof DatabaseError || error instanceof ConnectionError ? error.parent : error;
  if (!(inner instanceof Error) || !("code" in inner)) return undefined;
  return typeof inner.code === "string" && /^[0-9A-Z]{5}$/.test(inner.code) ? inner.code : undefined;
}
