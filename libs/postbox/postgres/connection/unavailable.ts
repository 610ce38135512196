import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { DatabaseOptions } from "./database-options.ts";
import { faultReason } from "./fault.ts";

/** The error of a failed connection, with the user, the server, the reason and the remedy. */
export function postgresUnavailable(
  { host, port, user }: Pick<DatabaseOptions, "host" | "port" | "user">,
  cause: unknown,
): PostboxError {
  return new PostboxError(
    "postgres-unavailable",
    `User '${user}' cannot connect to Postgres at ${host}:${port} (${faultReason(cause)}). Start Postgres, correct POSTGRES_HOST, POSTGRES_PORT, POSTGRES_USER and POSTGRES_PASSWORD, or unset POSTGRES_HOST to have one started.`,
    { cause },
  );
}
