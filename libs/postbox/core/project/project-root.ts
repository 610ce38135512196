import { existsSync } from "node:fs";
import { dirname, join, parse, resolve } from "node:path";

/** The file that marks the folder of a project. Moleculer's runner reads it there. */
const marker = "moleculer.config.ts";

let found: string | undefined;

/**
 * The folder of the project that this process works for: the nearest one with a `moleculer.config.ts`, from the working
 * directory upwards. The first call searches, later calls return the same folder.
 *
 * @throws TypeError where there is none.
 */
export function projectRoot(): string {
  found ??= nearestProject(process.cwd());
  return found;
}

/** @throws TypeError where neither `from` nor a folder above it is a project. */
export function nearestProject(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, marker))) return folder;
    if (folder === parse(folder).root)
      throw new TypeError(`There is no ${marker} in ${from} or above it. Run this inside the folder of a project.`);
  }
}
