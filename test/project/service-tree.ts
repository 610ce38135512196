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

/** The short names of a service's Moleculer services: `auth`, `auth.scheduler`, `auth.worker`. */
export function parts(service: string): string[] {
  return namesIn("services", service)
    .filter((name) => name.endsWith(".service.ts"))
    .map((name) => name.slice(0, -".service.ts".length))
    .sort();
}
