import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import { projectRoot } from "../../../core/project/project-root.ts";
import { checksumOf } from "./checksum.ts";

/** The folder of a service's migrations, in the project that the process works for. */
export const migrationsFolder = (service: string): string => join(projectRoot(), "migrations", service);

/** One file of a service's migrations. */
export interface MigrationFile {
  /** `NNNN_name`, the file's name without its ending; also its name in the database's history. */
  readonly name: string;
  readonly path: string;
  /** SHA-256 in hex, as the database records it when the migration is applied. */
  readonly checksum: string;
}

const shape = /^\d{4}_[a-z][a-z0-9_]*$/;

/**
 * The migrations of a folder, in the order in which they run; none if the folder does not exist.
 *
 * @throws PostboxError `migration-history` for a name out of shape, a number given twice, or an import that is missing.
 */
export async function migrationFiles(folder: string): Promise<MigrationFile[]> {
  const entries = await readdir(folder).catch(() => []);
  const names = entries
    .filter((entry) => entry.endsWith(".ts"))
    .map((entry) => entry.slice(0, -".ts".length))
    .sort();
  requireNumbered(names);
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, `${name}.ts`);
      return { name, path, checksum: await checksumOf(path) };
    }),
  );
}

function requireNumbered(names: readonly string[]): void {
  for (const [index, name] of names.entries()) {
    if (!shape.test(name))
      throw new PostboxError(
        "migration-history",
        `The migration '${name}.ts' is not named NNNN_name: four digits, then lowercase words. Rename it.`,
      );
    if (names[index + 1]?.slice(0, 4) === name.slice(0, 4))
      throw new PostboxError(
        "migration-history",
        `Two migrations have the number ${name.slice(0, 4)}: '${name}' and '${names[index + 1]}'. Give the later one the next number.`,
      );
  }
}
