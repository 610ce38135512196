import type pg from "pg";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import type { Direction } from "../authoring/migration.ts";
import { connect, type MigrationTarget, openExisting } from "../database/connect.ts";
import { compareHistory } from "../history/compare-history.ts";
import { createHistory, readHistory } from "../history/history.ts";
import { type MigrationFile, migrationFiles, migrationsFolder } from "../history/migration-files.ts";
import { withMigrationLock } from "./migration-lock.ts";
import { openUmzug } from "./open-umzug.ts";
import type { ProgressLogger } from "./progress-logger.ts";

export interface MigrateOptions {
  readonly direction: Direction;
  readonly logger: ProgressLogger;
  /** How many migrations `down` reverts. Default 1. `up` applies all that are pending. */
  readonly steps?: number;
  /** The folder with the migrations. Default: the service's own. */
  readonly folder?: string;
}

/**
 * Brings a service's database up to date, or reverts its last migrations. `up` creates the database if it is missing.
 * Any number of callers may run at once: one works, the others wait and find nothing to do.
 *
 * @returns the names of the migrations that ran here, in order.
 * @throws PostboxError `migration-failed`, `migration-history`.
 */
export async function migrate(
  service: string,
  target: MigrationTarget,
  { direction, logger, steps = 1, folder = migrationsFolder(service) }: MigrateOptions,
): Promise<string[]> {
  const files = await migrationFiles(folder);
  const client = direction === "up" ? await connect(target) : await openExisting(target);
  if (!client) {
    logger.warn(`there is no database '${target.database}'`);
    return [];
  }
  try {
    // Nearly every start has nothing to do, and one query without the lock shows that.
    if (direction === "up" && (await compare(client, files, logger)).pending.length === 0) return [];
    return await withMigrationLock(client, logger, async () => {
      if (direction === "up") await createHistory(client);
      const compared = await compare(client, files, logger);
      const [unknown] = compared.ahead;
      if (direction === "down" && unknown !== undefined)
        throw new PostboxError(
          "migration-history",
          `The last migration, '${unknown}', came with a newer release. Take it back with that release.`,
        );
      const planned = direction === "up" ? compared.pending.length : steps;
      const umzug = await openUmzug(client, files, logger, planned, target.limits?.migration);
      const running = direction === "up" ? umzug.up() : umzug.down({ step: steps });
      const ran = await running.catch((error: Error) => {
        // Umzug wraps the error of a migration.
        throw error.cause ?? error;
      });
      return ran.map(({ name }) => name);
    });
  } finally {
    await client.end();
  }
}

async function compare(client: pg.Client, files: readonly MigrationFile[], logger: ProgressLogger) {
  const compared = compareHistory(files, await readHistory(client));
  if (compared.ahead.length > 0)
    logger.warn(
      `${client.database}: a newer release has applied ${compared.ahead.join(", ")}, which this one does not know`,
    );
  return compared;
}
