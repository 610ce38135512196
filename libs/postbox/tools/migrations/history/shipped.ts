import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../../core/project/project-root.ts";
import { migrationFiles, migrationsFolder } from "./migration-files.ts";

/** The checksum of each migration that was released, by service and name. Databases may have applied these. */
export type Shipped = Readonly<Record<string, Readonly<Record<string, string>>>>;

const path = (): string => join(projectRoot(), "test/migrations/shipped.json");

export async function readShipped(): Promise<Shipped> {
  return JSON.parse(await readFile(path(), "utf8"));
}

/**
 * Records the migrations that are not released yet, and never one anew that is.
 *
 * @returns what was recorded, `<service>/<name>` each.
 */
export async function ship(services: readonly string[]): Promise<string[]> {
  const before = await readShipped();
  const after: Record<string, Readonly<Record<string, string>>> = { ...before };
  const fresh: string[] = [];
  for (const service of services) {
    const known = before[service] ?? {};
    const files = (await migrationFiles(migrationsFolder(service))).filter(({ name }) => !(name in known));
    if (files.length === 0) continue;
    after[service] = { ...known, ...Object.fromEntries(files.map(({ name, checksum }) => [name, checksum])) };
    fresh.push(...files.map(({ name }) => `${service}/${name}`));
  }
  if (fresh.length > 0) await writeFile(path(), `${JSON.stringify(after, null, 2)}\n`);
  return fresh;
}
