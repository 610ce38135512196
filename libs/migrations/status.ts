import { join } from "node:path";
import { connect, type MigrationTarget } from "./connect.ts";
import { migrationFiles, migrationsRoot } from "./files.ts";

/** One migration, and when it was applied to the database. */
export interface MigrationState {
  readonly name: string;
  readonly state: "applied" | "pending" | "changed" | "unknown to this release";
  readonly appliedAt: Date | undefined;
}

/** Every migration of a service, in order, as it stands in the database. Creates the database if it is missing. */
export async function migrationStatus(
  service: string,
  target: MigrationTarget,
  folder: string = join(migrationsRoot, service),
): Promise<MigrationState[]> {
  const files = await migrationFiles(folder);
  const client = await connect(target);
  try {
    const { rows: tables } = await client.query("select where to_regclass('schema_migration') is not null");
    const { rows } = tables.length
      ? await client.query<{ name: string; checksum: string; applied_at: Date }>(
          "select name, checksum, applied_at from schema_migration",
        )
      : { rows: [] };
    const applied = new Map(rows.map((row) => [row.name, row]));
    const known = files.map(({ name, checksum }): MigrationState => {
      const row = applied.get(name);
      const state = row === undefined ? "pending" : row.checksum === checksum ? "applied" : "changed";
      return { name, state, appliedAt: row?.applied_at };
    });
    const unknown = rows
      .filter(({ name }) => !files.some((file) => file.name === name))
      .map(
        ({ name, applied_at }): MigrationState => ({ name, state: "unknown to this release", appliedAt: applied_at }),
      );
    return [...known, ...unknown].sort((a, b) => (a.name < b.name ? -1 : 1));
  } finally {
    await client.end();
  }
}
