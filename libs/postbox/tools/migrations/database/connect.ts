import pg from "pg";
import type { DatabaseOptions } from "../../../postgres/connection/database-options.ts";
import { createDatabase } from "./create-database.ts";
import { sqlState } from "./sql-state.ts";

/** How to reach the database that is migrated. */
export type MigrationTarget = Pick<DatabaseOptions, "host" | "port" | "user" | "password" | "database" | "limits">;

/** SQLSTATE of a database that does not exist. */
const invalidCatalogName = "3D000";

/** Connects to the target's database, which is created first if it is missing. */
export async function connect(target: MigrationTarget): Promise<pg.Client> {
  const client = await openExisting(target);
  if (client) return client;
  const maintenance = await openMaintenance(target);
  try {
    await createDatabase(maintenance, target.database);
  } finally {
    await maintenance.end();
  }
  return open(target);
}

/** Connects to the target's database; undefined if it does not exist. */
export async function openExisting(target: MigrationTarget): Promise<pg.Client | undefined> {
  try {
    return await open(target);
  } catch (error) {
    if (sqlState(error) === invalidCatalogName) return undefined;
    throw error;
  }
}

/** Connects to the target's database, which must exist. */
export async function open({ host, port, user, password, database }: MigrationTarget): Promise<pg.Client> {
  const client = new pg.Client({ host, port, user, password, database, application_name: "postbox-migrations" });
  client.on("error", () => {
    // The query under way is rejected with the same error. Without a listener the process would end.
  });
  await client.connect();
  return client;
}

/** Connects to the database `postgres` of the target's server, in which other databases are created and dropped. */
export function openMaintenance(server: MigrationTarget): Promise<pg.Client> {
  return open({ ...server, database: "postgres" });
}
