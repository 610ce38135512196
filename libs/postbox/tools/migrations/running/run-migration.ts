import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import { reasonOf } from "../../../core/errors/reason.ts";
import type { TimeLimits } from "../../../postgres/connection/work-kind.ts";
import type { Direction, MigrationContext, MigrationModule } from "../authoring/migration.ts";
import { sqlState } from "../database/sql-state.ts";
import { recordDown, recordUp } from "../history/history.ts";
import type { MigrationFile } from "../history/migration-files.ts";
import type { ProgressLogger } from "./progress-logger.ts";

/**
 * How long a statement may take, and how long it waits for a table's lock, where the configuration does not say. While a
 * statement waits, every later query of that table waits behind it. So a migration gives up soon, pauses for the other
 * queries, and tries again.
 */
const defaultLimits: TimeLimits = { statementMs: 0, lockMs: 2_000 };
const lockAttempts = 30;
const lockPauseMs = 500;
/** SQLSTATEs after which an attempt is repeated: lock timeout, deadlock. */
const contended = new Set(["55P03", "40P01"]);

/**
 * Applies or reverts one migration and records that, in one transaction. A migration that is `concurrently` runs without
 * a transaction.
 *
 * @throws PostboxError `migration-failed`. The database is as before, unless the migration is `concurrently`.
 */
export async function runMigration(
  client: pg.Client,
  file: MigrationFile,
  direction: Direction,
  logger: ProgressLogger,
  limits: TimeLimits = defaultLimits,
): Promise<void> {
  const migration = await load(file);
  const attempt = migration.concurrently ? outsideTransaction : insideTransaction;
  for (let count = 1; ; count += 1)
    try {
      await attempt(client, file, migration, direction, limits);
      return;
    } catch (error) {
      if (!contended.has(sqlState(error) ?? "") || count === lockAttempts)
        throw failure(`${client.database}: ${file.name} ${direction}`, migration, error);
      logger.warn(`${client.database}: ${file.name} waits for a busy table (attempt ${count} of ${lockAttempts})`);
      await pause(lockPauseMs);
    }
}

async function load(file: MigrationFile): Promise<MigrationModule> {
  const module: Partial<MigrationModule> = await import(pathToFileURL(file.path).href);
  const { up, down, concurrently = false } = module;
  if (typeof up !== "function" || typeof down !== "function")
    throw new PostboxError(
      "migration-failed",
      `The migration '${file.name}' must export two functions, 'up' and 'down'; ${typeof up === "function" ? "'down'" : "'up'"} is missing.`,
    );
  return { up, down, concurrently };
}

type Attempt = (
  client: pg.Client,
  file: MigrationFile,
  migration: MigrationModule,
  direction: Direction,
  limits: TimeLimits,
) => Promise<void>;

const insideTransaction: Attempt = async (client, file, migration, direction, { statementMs, lockMs }) => {
  await client.query("begin");
  try {
    await client.query(`set local lock_timeout = ${lockMs}; set local statement_timeout = ${statementMs}`);
    await migration[direction](context(client));
    await record(client, file, direction);
    const { command } = await client.query("commit");
    if (command !== "COMMIT")
      throw new Error("A statement failed and the migration swallowed its error. Let it reach the caller.");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
};

/** Without lock timeout: `create index concurrently` waits by design, and an interrupted attempt leaves an invalid index. */
const outsideTransaction: Attempt = async (client, file, migration, direction) => {
  await migration[direction](context(client));
  await refuseInvalidIndexes(client);
  await record(client, file, direction);
};

/** A failed `create index concurrently` leaves an invalid index, which no query uses and which `if not exists` passes over. */
async function refuseInvalidIndexes(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class join pg_index on indexrelid = oid
     where relnamespace = 'public'::regnamespace and relkind = 'i' and not indisvalid order by 1`,
  );
  if (rows.length === 0) return;
  const drops = rows.map(({ name }) => `drop index concurrently ${pg.escapeIdentifier(name)}`).join("; ");
  throw new Error(`an index is left that was not built to its end and that no query uses; run ${drops}`);
}

function context(client: pg.Client): MigrationContext {
  return {
    query: async (sql, values) => {
      const result = await client.query<Record<string, unknown>>(sql, values && [...values]);
      return result.rows;
    },
  };
}

function record(client: pg.Client, file: MigrationFile, direction: Direction): Promise<void> {
  return direction === "up" ? recordUp(client, file) : recordDown(client, file);
}

function failure(what: string, { concurrently }: MigrationModule, cause: unknown): PostboxError {
  const kept = concurrently ? "Its earlier statements stay" : "Nothing of it was kept";
  const reason = reasonOf(cause).replace(/\.$/, "");
  return new PostboxError("migration-failed", `${what} failed: ${reason}. ${kept}; mend it and migrate again.`, {
    cause,
  });
}
