import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { sqlState } from "./sql-state.ts";

/**
 * SQLSTATEs of a `create database` that met another one. Either the other has created the database (reported as an error
 * of its own or as a unique violation in the catalogue), or the other copies the template at this moment.
 */
const lostRace = new Set(["42P04", "23505", "55006"]);
const createAttempts = 100;
const createPauseMs = 50;

/** Creates a database, or leaves it to another process that creates the same one at this moment. */
export async function createDatabase(maintenance: pg.Client, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1)
    try {
      await maintenance.query(`create database ${pg.escapeIdentifier(name)}`);
      return;
    } catch (error) {
      if (!lostRace.has(sqlState(error) ?? "") || attempt === createAttempts) throw error;
      const { rowCount } = await maintenance.query("select from pg_database where datname = $1", [name]);
      if (rowCount) return;
      await pause(createPauseMs);
    }
}
