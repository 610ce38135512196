import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { servicesIn } from "./service-names.ts";

/** A module that a service may have, and what it exports. */
export interface ServiceModule<Exports> {
  readonly service: string;
  /** From the project's folder: `libs/auth/errors.ts`. */
  readonly path: string;
  readonly exports: Partial<Exports>;
}

/**
 * Imports `<folder>/<service>/<file>` of each service that has one.
 *
 * @param root the project's folder.
 */
export function serviceModules<Exports>(
  root: string,
  folder: "services" | "libs",
  file: string,
): Promise<ServiceModule<Exports>[]> {
  const existing = servicesIn(root)
    .map((service) => ({ service, path: join(folder, service, file) }))
    .filter(({ path }) => existsSync(join(root, path)));
  return Promise.all(
    existing.map(async ({ service, path }) => {
      const exports: Partial<Exports> = await import(pathToFileURL(join(root, path)).href);
      return { service, path, exports };
    }),
  );
}
