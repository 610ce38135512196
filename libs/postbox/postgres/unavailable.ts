import { PostboxError } from "../core/errors/postbox-error.ts";
import { reasonOf } from "../core/errors/reason.ts";
import type { DatabaseOptions } from "./database-options.ts";

/** Says who was not let in where, why, and what to do about it. */
export function postgresUnavailable(
  { host, port, user }: Pick<DatabaseOptions, "host" | "port" | "user">,
  cause: unknown,
): PostboxError {
  return new PostboxError(
    "postgres-unavailable",
    `Postgres at ${host}:${port} does not let user '${user}' in (${reasonOf(cause)}). Start it, mend POSTGRES_HOST, POSTGRES_PORT, POSTGRES_USER and POSTGRES_PASSWORD, or unset POSTGRES_HOST to have one started.`,
    { cause },
  );
}
