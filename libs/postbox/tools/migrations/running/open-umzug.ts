import type pg from "pg";
import type { Umzug } from "umzug";
import type { TimeLimits } from "../../../postgres/connection/work-kind.ts";
import type { Direction } from "../authoring/migration.ts";
import { readHistory } from "../history/history.ts";
import type { MigrationFile } from "../history/migration-files.ts";
import type { ProgressLogger } from "./progress-logger.ts";
import { runMigration } from "./run-migration.ts";

/**
 * Umzug selects the migrations and runs them in order. Its own records are not used: each migration is recorded inside
 * its transaction. `planned` is how many migrations will run, for the reports of progress.
 */
export async function openUmzug(
  client: pg.Client,
  files: readonly MigrationFile[],
  logger: ProgressLogger,
  planned: number,
  limits: TimeLimits | undefined,
): Promise<Umzug> {
  const { Umzug } = await import("umzug");
  let position = 0;
  const run = async (file: MigrationFile, direction: Direction) => {
    position += 1;
    logger.info(`${client.database}: ${direction} ${file.name} (${position} of ${planned})`);
    await runMigration(client, file, direction, logger, limits);
  };
  return new Umzug({
    migrations: files.map((file) => ({
      name: file.name,
      path: file.path,
      up: () => run(file, "up"),
      down: () => run(file, "down"),
    })),
    storage: {
      executed: async () => (await readHistory(client)).map(({ name }) => name),
      logMigration: async () => undefined,
      unlogMigration: async () => undefined,
    },
    logger: undefined,
  });
}
