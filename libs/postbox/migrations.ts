/** `postbox/migrations`: what a migration of `migrations/<service>/` is written with. */
export { engineSchema } from "./tools/migrations/authoring/engine-schema.ts";
export type { MigrationContext, MigrationModule, MigrationStep } from "./tools/migrations/authoring/migration.ts";
