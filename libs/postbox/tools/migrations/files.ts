import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { projectRoot } from "../../core/project/project-root.ts";

/** The folder of a service's migrations. */
export const migrationsFolder = (service: string): string => join(projectRoot(), "migrations", service);

/** One file of a service's migrations. */
export interface MigrationFile {
  /** `NNNN_name`, the file's name without its ending; also its name in the database's history. */
  readonly name: string;
  readonly path: string;
  /** SHA-256, hex, over the file and all it imports from the project. Git may write line ends as the system has them: any count as `\n`. */
  readonly checksum: string;
}

const shape = /^\d{4}_[a-z][a-z0-9_]*$/;
/** A relative import that stays at run time; `import type` is erased and cannot change what a migration does. */
const imports = /^(?:import|export)\s+(?!type\b)[^;]*?["'](\.{1,2}\/[^"']+)["']/gm;

/**
 * The migrations of a folder, in the order they run.
 *
 * @throws PostboxError `migration-history` for a name out of shape or a number given twice.
 */
export async function migrationFiles(folder: string): Promise<MigrationFile[]> {
  const entries = await readdir(folder).catch(() => []);
  const names = entries
    .filter((entry) => entry.endsWith(".ts"))
    .map((entry) => entry.slice(0, -".ts".length))
    .sort();
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
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, `${name}.ts`);
      return { name, path, checksum: await checksum(path) };
    }),
  );
}

async function checksum(path: string): Promise<string> {
  const hash = createHash("sha256");
  for (const text of await sources(path, new Set())) hash.update(text).update("\0");
  return hash.digest("hex");
}

async function sources(path: string, seen: Set<string>): Promise<string[]> {
  if (seen.has(path)) return [];
  seen.add(path);
  const text = (await readFile(path, "utf8")).replaceAll("\r\n", "\n");
  const texts = [text];
  for (const [, target] of text.matchAll(imports))
    if (target !== undefined) texts.push(...(await sources(resolve(dirname(path), target), seen)));
  return texts;
}
