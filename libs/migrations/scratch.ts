import { randomBytes } from "node:crypto";
import pg from "pg";
import { connect, type MigrationTarget } from "./connect.ts";

/** A database that lives for the length of one piece of work. */
export interface Scratch {
  readonly target: MigrationTarget;
  readonly client: pg.Client;
}

/** Runs `work` with an empty database of its own on the target's server, and drops it afterwards. */
export async function withScratch<T>(server: MigrationTarget, work: (scratch: Scratch) => Promise<T>): Promise<T> {
  const target = { ...server, database: `postbox_scratch_${randomBytes(6).toString("hex")}` };
  const client = await connect(target);
  try {
    return await work({ target, client });
  } finally {
    await client.end();
    const maintenance = await connect({ ...server, database: "postgres" });
    await maintenance.query(`drop database if exists ${pg.escapeIdentifier(target.database)} with (force)`);
    await maintenance.end();
  }
}
