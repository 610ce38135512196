import { randomBytes } from "node:crypto";
import pg from "pg";
import { type MigrationTarget, open, openMaintenance } from "./connect.ts";
import { createDatabase } from "./create-database.ts";

/** A scratch database: an empty database that exists for one piece of work. */
export interface Scratch {
  readonly target: MigrationTarget;
  readonly client: pg.Client;
}

const prefix = "postbox_scratch_";
/** Age in milliseconds of a scratch database whose process must have been killed: work on a live one takes seconds. */
const abandonedMs = 60 * 60_000;

/**
 * Runs `work` with a scratch database on the target's server and drops the database afterwards. Scratch databases that
 * killed processes have left are dropped too.
 */
export async function withScratch<T>(server: MigrationTarget, work: (scratch: Scratch) => Promise<T>): Promise<T> {
  const target = { ...server, database: `${prefix}${Date.now()}_${randomBytes(6).toString("hex")}` };
  const maintenance = await openMaintenance(server);
  try {
    await createDatabase(maintenance, target.database);
    const client = await open(target);
    try {
      return await work({ target, client });
    } finally {
      await client.end();
      await maintenance.query(`drop database if exists ${pg.escapeIdentifier(target.database)} with (force)`);
      await dropAbandoned(maintenance);
    }
  } finally {
    await maintenance.end();
  }
}

async function dropAbandoned(maintenance: pg.Client): Promise<void> {
  const { rows } = await maintenance.query<{ name: string }>(
    "select datname as name from pg_database where starts_with(datname, $1)",
    [prefix],
  );
  for (const { name } of rows)
    if (Number(name.slice(prefix.length).split("_")[0]) < Date.now() - abandonedMs)
      await maintenance.query(`drop database ${pg.escapeIdentifier(name)}`).catch(() => {
        // Another process drops this database at the moment, works with it after all, or is its owner.
      });
}
