import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { DatabaseOptions } from "../../../postgres/connection/database-options.ts";
import { sqlState } from "./sql-state.ts";

/** How to reach the database that is migrated. */
export type MigrationTarget = Pick<DatabaseOptions, "host" | "port" | "user" | "password" | "database">;

/** SQLSTATE of a database that does not exist. */
const invalidCatalogName = "3D000";
/**
 * SQLSTATEs of a `create database` that met another one. Either the other has created the database (reported as an error
 * of its own or as a unique violation in the catalogue), or the other copies the template at this moment.
 */
const lostRace = new Set(["42P04", "23505", "55006"]);
const createAttempts = 100;
const createPauseMs = 50;

/** Connects to the target's database, which is created first if it is missing. */
export async function connect(target: MigrationTarget): Promise<pg.Client> {
  const client = await openExisting(target);
  if (client) return client;
  await createDatabase(target);
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

async function createDatabase(target: MigrationTarget): Promise<void> {
  const client = await open({ ...target, database: "postgres" });
  try {
    for (let attempt = 1; ; attempt += 1)
      try {
        await client.query(`create database ${pg.escapeIdentifier(target.database)}`);
        return;
      } catch (error) {
        if (!lostRace.has(sqlState(error) ?? "") || attempt === createAttempts) throw error;
        const { rowCount } = await client.query("select from pg_database where datname = $1", [target.database]);
        if (rowCount) return;
        await pause(createPauseMs);
      }
  } finally {
    await client.end();
  }
}
