import type pg from "pg";
import { sqlState } from "../database/sql-state.ts";
import type { MigrationFile } from "./migration-files.ts";

/** One applied migration: a row of the table `schema_migration`. */
export interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
  readonly applied_at: Date;
}

const columns = ["name", "checksum", "applied_at"] as const satisfies readonly (keyof AppliedMigration)[];

/** SQLSTATE of a table that does not exist. */
const undefinedTable = "42P01";

export async function createHistory(client: pg.Client): Promise<void> {
  await client.query(`create table if not exists schema_migration (
    name text primary key,
    checksum text not null,
    applied_at timestamptz not null default clock_timestamp()
  )`);
}

/** The applied migrations, in order; empty where no migration ever ran. */
export async function readHistory(client: pg.Client): Promise<AppliedMigration[]> {
  try {
    const text = `select ${columns.join(", ")} from schema_migration order by name`;
    return (await client.query<Pick<AppliedMigration, (typeof columns)[number]>>(text)).rows;
  } catch (error) {
    if (sqlState(error) === undefinedTable) return [];
    throw error;
  }
}

export async function recordUp(client: pg.Client, file: MigrationFile): Promise<void> {
  await client.query("insert into schema_migration (name, checksum) values ($1, $2)", [file.name, file.checksum]);
}

export async function recordDown(client: pg.Client, file: MigrationFile): Promise<void> {
  await client.query("delete from schema_migration where name = $1", [file.name]);
}
