import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project-root.ts";

let found: readonly string[] | undefined;

/** The services of this process's project. The first call reads the folder, later calls return the same names. */
export function serviceNames(): readonly string[] {
  found ??= servicesIn(projectRoot());
  return found;
}

/**
 * The services of a project, sorted: each folder `services/<name>` with a `<name>.service.ts` is one. Its database,
 * container, stream and NATS user have the same name.
 *
 * @param root the project's folder.
 */
export function servicesIn(root: string): readonly string[] {
  const folder = join(root, "services");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, `${name}.service.ts`)))
    .sort();
}

/** The variable that names a service's database. */
export const databaseVariable = (service: string): `${Uppercase<string>}_DATABASE` =>
  `${service.toUpperCase() as Uppercase<string>}_DATABASE`;
