import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Sequelize } from "sequelize";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { projectRoot } from "../../core/project/project-root.ts";

/** What a service's `models.ts` says of its schema. */
export interface ServiceModels {
  readonly defineModels: (sequelize: Sequelize) => unknown;
  /** SQL for what Sequelize's models cannot say: checks, generated columns. Runs after the models' tables are made. */
  readonly afterTables?: readonly string[];
  /** SQL that comes before them: types, functions, and tables that are partitioned. */
  readonly beforeTables?: readonly string[];
}

/**
 * Loads `services/<service>/models.ts`; a service without one has the engine's tables only.
 *
 * @throws PostboxError `migration-failed` if it does not export `defineModels`.
 */
export async function loadServiceModels(service: string): Promise<ServiceModels> {
  const path = join(projectRoot(), "services", service, "models.ts");
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (!exists) return { defineModels: () => ({}) };
  const { defineModels, ...rest }: Partial<ServiceModels> = await import(pathToFileURL(path).href);
  if (typeof defineModels !== "function")
    throw new PostboxError("migration-failed", `services/${service}/models.ts must export a function 'defineModels'.`);
  return { defineModels, ...rest };
}
