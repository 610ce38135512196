import { PostboxError } from "../libs/postbox/core/errors/postbox-error.ts";
import { reasonOf } from "../libs/postbox/core/errors/reason.ts";
import type { ServerOptions } from "../libs/postbox/postgres/connection/database-options.ts";
import { postgresUnavailable } from "../libs/postbox/postgres/connection/unavailable.ts";

/** SQLSTATEs of a database, a table or a column that is not there. */
const missing = new Set(["3D000", "42P01", "42703"]);
/** SQLSTATEs, and codes of the system, of a server that lets nobody in. */
const unavailable = new Set([
  ...["28000", "28P01", "53300", "57P03"],
  ...["ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT"],
]);

/** SQLSTATE of a statement that the user may not send. */
const denied = "42501";

/** An error that says what to do about a fault of Postgres. Any other error is returned as it is. */
export function explained(error: unknown, server: ServerOptions): unknown {
  if (error instanceof PostboxError) return error;
  const cause = originalOf(error);
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (unavailable.has(code)) return postgresUnavailable(server, cause);
  if (code === denied)
    return new PostboxError(
      "postgres-unavailable",
      `User '${server.user}' of Postgres at ${server.host}:${server.port} may not do that (${reasonOf(cause)}). Grant it, or set POSTGRES_USER to one who may.`,
      { cause },
    );
  if (missing.has(code))
    return new PostboxError(
      "migration-history",
      `A database is not what this release needs: ${reasonOf(cause)}. Run postbox migrate up; postbox doctor says which it is.`,
      { cause },
    );
  return error;
}

/** Sequelize wraps what `pg` throws. */
function originalOf(error: unknown): unknown {
  return error instanceof Error && "parent" in error ? error.parent : error;
}
