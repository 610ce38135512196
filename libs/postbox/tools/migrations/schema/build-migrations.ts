import type { Scratch } from "../database/scratch.ts";
import { migrate } from "../running/migrate.ts";

/** Builds the schema that a service's migrations build, without their history. */
export async function buildMigrations({ target, client }: Scratch, service: string, folder: string): Promise<void> {
  await migrate(service, target, { direction: "up", logger: silent, folder });
  await client.query("drop table if exists schema_migration");
}

const silent = { info: () => undefined, warn: () => undefined };
