import { type MigrationTarget, open } from "./connect.ts";
import { migrationsFolder } from "./files.ts";
import { buildMigrations } from "./make.ts";
import { compareSnapshots, type SnapshotDifference, takeSnapshot } from "./schema-snapshot.ts";
import { withScratch } from "./scratch.ts";

/**
 * What a service's migrations build and its database lacks (`missing`), and the other way round (`surplus`): what was
 * changed by hand. The migrations are built in a scratch database on the same server.
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
