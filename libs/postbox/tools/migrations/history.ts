import type pg from "pg";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { sqlState } from "./connect.ts";
import type { MigrationFile } from "./files.ts";

/** One applied migration, as the database remembers it. */
export interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
  readonly applied_at: Date;
}

/** SQLSTATE of a table that does not exist. */
const undefinedTable = "42P01";

export async function createHistory(client: pg.Client): Promise<void> {
  await client.query(`create table if not exists schema_migration (
    name text primary key,
    checksum text not null,
    applied_at timestamptz not null default clock_timestamp()
  )`);
}

/** What was applied, in order; empty where no migration ever ran. */
export async function readHistory(client: pg.Client): Promise<AppliedMigration[]> {
  try {
    const text = "select name, checksum, applied_at from schema_migration order by name";
    return (await client.query<AppliedMigration>(text)).rows;
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

/** What stands between the files and the database. */
export interface Comparison {
  readonly pending: readonly MigrationFile[];
  /** Applied by a newer release: this one has no file for them. */
  readonly ahead: readonly string[];
}

/**
 * Holds the files against the history.
 *
 * @throws PostboxError `migration-history` when an applied migration was changed since or left out, or a pending one
 * would run before one that is applied.
 */
export function compareHistory(files: readonly MigrationFile[], applied: readonly AppliedMigration[]): Comparison {
  const byName = new Map(files.map((file) => [file.name, file]));
  const newest = files.at(-1)?.name ?? "";
  const ahead: string[] = [];
  for (const { name, checksum } of applied) {
    const file = byName.get(name);
    if (!file && name > newest) ahead.push(name);
    else if (!file)
      throw new PostboxError(
        "migration-history",
        `The migration '${name}' was applied but its file is gone. Bring the file back; to undo a migration, write a new one.`,
      );
    else if (file.checksum !== checksum)
      throw new PostboxError(
        "migration-history",
        `The migration '${name}' was changed after it was applied (${checksum.slice(0, 8)} then, ${file.checksum.slice(0, 8)} now). Bring its text back and put the change into a new migration.`,
      );
  }
  const names = new Set(applied.map(({ name }) => name));
  const pending = files.filter(({ name }) => !names.has(name));
  const last = applied.at(-1)?.name ?? "";
  for (const { name } of pending)
    if (name < last)
      throw new PostboxError(
        "migration-history",
        `The migration '${name}' comes before '${last}', which is applied already. Give it the next number, so that every database runs both in one order.`,
      );
  return { pending, ahead };
}
