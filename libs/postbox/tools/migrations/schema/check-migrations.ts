import type { MigrationTarget } from "../database/connect.ts";
import { withScratch } from "../database/scratch.ts";
import { migrationsFolder } from "../history/migration-files.ts";
import { buildMigrations } from "./build-migrations.ts";
import { buildModels } from "./build-models.ts";
import { compareSnapshots, type SnapshotDifference, takeSnapshot } from "./schema-snapshot.ts";
import { loadServiceModels, type ServiceModels } from "./service-models.ts";

export interface CheckOptions {
  /** The folder with the migrations. Default: the service's own. */
  readonly folder?: string;
  /** Default: the service's own. */
  readonly models?: ServiceModels;
}

/**
 * Compares what a service's models describe with what its migrations build. `missing` is what only the models have,
 * `surplus` what only the migrations build. Both schemas are built in scratch databases on the target's server.
 */
export async function checkMigrations(
  service: string,
  server: MigrationTarget,
  { folder = migrationsFolder(service), models }: CheckOptions = {},
): Promise<SnapshotDifference> {
  const described = models ?? (await loadServiceModels(service));
  return withScratch(server, (wanted) =>
    withScratch(server, async (present) => {
      await Promise.all([buildModels(wanted, described), buildMigrations(present, service, folder)]);
      return compareSnapshots(await takeSnapshot(present.client), await takeSnapshot(wanted.client));
    }),
  );
}
