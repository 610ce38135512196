import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { DatabaseOptions } from "../../postgres/connection/database-options.ts";

/** How to reach the database that is migrated. */
export type MigrationTarget = Pick<DatabaseOptions, "host" | "port" | "user" | "password" | "database">;

/** SQLSTATE of a database that does not exist. */
const invalidCatalogName = "3D000";
/**
 * SQLSTATEs of a `create database` that lost a race: another made it first (as an error, or as a unique violation
 * inside the catalogue), or another is copying the template at this moment.
 */
const lostRace = new Set(["42P04", "23505", "55006"]);
const createAttempts = 100;

/** Connects to the target's database and creates it first if it is missing. */
export async function connect(target: MigrationTarget): Promise<pg.Client> {
  const client = await openExisting(target);
  if (client) return client;
  await createDatabase(target);
  return open(target);
}

/** Connects to the target's database; undefined if there is none. */
export async function openExisting(target: MigrationTarget): Promise<pg.Client | undefined> {
  try {
    return await open(target);
  } catch (error) {
    if (sqlState(error) === invalidCatalogName) return undefined;
    throw error;
  }
}

/** The SQLSTATE of a database error; undefined for any other. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** Connects to the target's database, which must exist. */
export async function open({ host, port, user, password, database }: MigrationTarget): Promise<pg.Client> {
  const client = new pg.Client({ host, port, user, password, database, application_name: "postbox-migrations" });
  client.on("error", () => {
    // The query under way is rejected with the same error; without a listener the process would end.
  });
  await client.connect();
  return client;
}

async function createDatabase(target: MigrationTarget): Promise<void> {
  const client = await open({ ...target, database: "postgres" });
  try {
    for (let attempt = 1; ; attempt += 1)
      try {
        await client.query(`create database ${pg.escapeIdentifier(target.database)}`);
        return;
      } catch (error) {
        const code = sqlState(error) ?? "";
        if (!lostRace.has(code) || attempt === createAttempts) throw error;
        const { rowCount } = await client.query("select from pg_database where datname = $1", [target.database]);
        if (rowCount) return;
        await pause(50);
      }
  } finally {
    await client.end();
  }
}
