import { config } from "../libs/config/config.ts";
import { databaseOptions } from "../libs/config/databases.ts";
import type { ServiceName } from "../libs/config/services.ts";
import type { MigrationTarget } from "../libs/migrations/connect.ts";
import { type Progress, withProgress } from "./terminal/progress.ts";

type DatabaseOf = (service: ServiceName) => MigrationTarget;

/** Runs `work` with the databases of the installation at hand, starting what is needed for as long as it takes. */
export async function withDatabases<T>(
  title: string,
  work: (databaseOf: DatabaseOf, progress: Progress) => Promise<T>,
): Promise<T> {
  return withProgress(title, (progress) => work((service) => databaseOptions(config(), service), progress));
}
