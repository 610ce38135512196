import { globSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { ServiceSchema } from "moleculer";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";

/** A service file by its short name (`auth`, `auth.worker`, `auth.scheduler`, `gateway`), or a schema of the test's own. */
export type ServiceChoice = string | ServiceSchema;

/** The path of a service file by its short name: `auth.worker` is `services/auth/auth.worker.service.ts`. */
export function serviceFile(name: string): string {
  const [service = name] = name.split(".");
  return join(projectRoot(), "services", service, `${name}.service.ts`);
}

/**
 * All that runs under a short name: of an API also its later versions, `services/auth/api/v2/auth.service.ts`. An
 * absolute path stands for itself: a service file of the test's own.
 */
export function serviceFiles(name: string): string[] {
  if (isAbsolute(name)) return [name];
  return [serviceFile(name), ...globSync(join(projectRoot(), "services", name, "api/v*", `${name}.service.ts`)).sort()];
}
