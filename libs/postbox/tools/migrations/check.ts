import { buildModels } from "./build-models.ts";
import type { MigrationTarget } from "./connect.ts";
import { migrationsFolder } from "./files.ts";
import { buildMigrations } from "./make.ts";
import { compareSnapshots, type SnapshotDifference, takeSnapshot } from "./schema-snapshot.ts";
import { withScratch } from "./scratch.ts";
import { loadServiceModels, type ServiceModels } from "./service-models.ts";

export interface CheckOptions {
  /** Default: the service's own. */
  readonly folder?: string;
  readonly models?: ServiceModels;
}

/**
 * What the models describe and the migrations do not build (`missing`), and the other way round (`surplus`). Both are
 * built in scratch databases on the target's server.
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
