import { type MigrationTarget, open } from "../database/connect.ts";
import { withScratch } from "../database/scratch.ts";
import { migrationsFolder } from "../history/migration-files.ts";
import { buildMigrations } from "./build-migrations.ts";
import { compareSnapshots, type SnapshotDifference, takeSnapshot } from "./schema-snapshot.ts";

/**
 * Compares a service's database with what its migrations build, to find what was changed by hand. `missing` is what only
 * the migrations build, `surplus` what only the database has. The migrations are built in a scratch database.
 */
export async function schemaDrift(
  service: string,
  target: MigrationTarget,
  folder: string = migrationsFolder(service),
): Promise<SnapshotDifference> {
  return withScratch(target, async (built) => {
    await buildMigrations(built, service, folder);
    const client = await open(target);
    try {
      return compareSnapshots(await takeSnapshot(client), await takeSnapshot(built.client));
    } finally {
      await client.end();
    }
  });
}
