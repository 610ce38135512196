import { engineVersions } from "../../../delivery/schema/engine-schema.ts";
import type { MigrationModule } from "./migration.ts";

/**
 * The migration to one version of the engine's tables. A service has one migration for each version, from 1 upwards:
 * `export const { up, down } = engineSchema(1);`
 *
 * @throws TypeError for a version that this release does not have.
 */
export function engineSchema(version: number): MigrationModule {
  const steps = engineVersions[version - 1];
  if (steps === undefined)
    throw new TypeError(
      `There is no version ${version} of the engine's schema; this release has 1 to ${engineVersions.length}.`,
    );
  return {
    up: async ({ query }) => {
      for (const statement of steps.up) await query(statement);
    },
    down: async ({ query }) => {
      for (const statement of steps.down) await query(statement);
    },
  };
}
