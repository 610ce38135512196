import type { Config } from "../../core/configuration/read.ts";
import { databaseOptions } from "../../postgres/connection/database-options.ts";
import { migrationStatus } from "../migrations/history/migration-status.ts";

/** What a database lacks, or has otherwise than the files say. */
export interface WaitingMigrations {
  readonly service: string;
  /** Names of those that are not applied, in their order. */
  readonly pending: readonly string[];
  /** Names of those whose file was changed after it was applied. */
  readonly changed: readonly string[];
  /** Nothing was ever applied: there is no data that a migration could harm. */
  readonly isNew: boolean;
}

/** The services whose databases are not what their migrations describe. */
export async function waitingMigrations(config: Config, services: readonly string[]): Promise<WaitingMigrations[]> {
  const all = await Promise.all(
    services.map(async (service): Promise<WaitingMigrations> => {
      const states = await migrationStatus(service, databaseOptions(config, service));
      const named = (wanted: string) => states.filter(({ state }) => state === wanted).map(({ name }) => name);
      const pending = named("pending");
      return { service, pending, changed: named("changed"), isNew: pending.length === states.length };
    }),
  );
  return all.filter(({ pending, changed }) => pending.length + changed.length > 0);
}
