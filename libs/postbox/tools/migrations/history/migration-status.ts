import { type MigrationTarget, openExisting } from "../database/connect.ts";
import { type AppliedMigration, readHistory } from "./history.ts";
import { migrationFiles, migrationsFolder } from "./migration-files.ts";

/** One migration and its state in a database. */
export interface MigrationState {
  readonly name: string;
  readonly state: "applied" | "pending" | "changed" | "unknown to this release";
  readonly appliedAt: Date | undefined;
}

/** The state of every migration of a service, in order. In a database that does not exist, all are pending. */
export async function migrationStatus(
  service: string,
  target: MigrationTarget,
  folder: string = migrationsFolder(service),
): Promise<MigrationState[]> {
  const [files, rows] = await Promise.all([migrationFiles(folder), historyOf(target)]);
  const applied = new Map(rows.map((row) => [row.name, row]));
  const known = files.map(({ name, checksum }): MigrationState => {
    const row = applied.get(name);
    const state = row === undefined ? "pending" : row.checksum === checksum ? "applied" : "changed";
    return { name, state, appliedAt: row?.applied_at };
  });
  const unknown = rows
    .filter(({ name }) => !files.some((file) => file.name === name))
    .map(({ name, applied_at }): MigrationState => ({ name, state: "unknown to this release", appliedAt: applied_at }));
  return [...known, ...unknown].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function historyOf(target: MigrationTarget): Promise<AppliedMigration[]> {
  const client = await openExisting(target);
  if (!client) return [];
  try {
    return await readHistory(client);
  } finally {
    await client.end();
  }
}
