import { readdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";

/** The folders of `services/`. */
export const serviceFolders: readonly string[] = readdirSync(join(projectRoot(), "services")).sort();

/** The names in a folder of the project, or none if it is missing. */
export function namesIn(...path: string[]): string[] {
  try {
    return readdirSync(join(projectRoot(), ...path)).sort();
  } catch {
    return [];
  }
}
