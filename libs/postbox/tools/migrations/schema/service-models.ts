import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Sequelize } from "sequelize";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import { projectRoot } from "../../../core/project/project-root.ts";

/** What a service's `models.ts` exports about its schema. */
export interface ServiceModels {
  readonly defineModels: (sequelize: Sequelize) => unknown;
  /** SQL that runs before the models' tables are created: types, functions, and tables that are partitioned. */
  readonly beforeTables?: readonly string[];
  /** SQL that runs after the models' tables are created, for what Sequelize cannot express: checks, generated columns. */
  readonly afterTables?: readonly string[];
}

/**
 * Loads `services/<service>/models.ts`. A service without this file has the engine's tables only.
 *
 * @throws PostboxError `migration-failed` if the file does not export `defineModels`.
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
