import type { MigrationTarget } from "../database/connect.ts";
import { withScratch } from "../database/scratch.ts";
import { migrationsFolder } from "../history/migration-files.ts";
import { buildMigrations } from "../schema/build-migrations.ts";
import { buildModels } from "../schema/build-models.ts";
import { loadServiceModels, type ServiceModels } from "../schema/service-models.ts";
import type { RenameDecision } from "./renames/decide-renames.ts";
import { revise } from "./revise.ts";
import { revisionName, writeRevision } from "./revision-file.ts";

export interface MakeOptions extends RenameDecision {
  /** What the change is for; becomes the file's name. */
  readonly message: string;
  /** Whether statements that lose data may be written. */
  readonly allowLoss: boolean;
  /** The folder with the migrations. Default: the service's own. */
  readonly folder?: string;
  /** Default: the service's own. */
  readonly models?: ServiceModels;
}

/** The migration that was written. */
export interface MadeMigration {
  readonly path: string;
  /** What data goes, one sentence each. */
  readonly losses: readonly string[];
  /** What the migration asks of existing rows, one sentence each. */
  readonly needs: readonly string[];
}

/**
 * Writes the migration that leads from what the migrations build to what the models describe; undefined if both agree.
 * Both are built in scratch databases on the target's server. The statements run there in both directions before they
 * are written, each direction in one transaction, as `migrate` runs them.
 *
 * @throws PostboxError `migration-loss` when data would go and `allowLoss` is not given; `migration-failed`;
 * `validation-failed` for a message or a rename that does not fit.
 */
export async function makeMigration(
  service: string,
  server: MigrationTarget,
  options: MakeOptions,
): Promise<MadeMigration | undefined> {
  const name = revisionName(options.message);
  const folder = options.folder ?? migrationsFolder(service);
  const models = options.models ?? (await loadServiceModels(service));
  return withScratch(server, (wanted) =>
    withScratch(server, (present) =>
      withScratch(server, async (original) => {
        await Promise.all([
          buildModels(wanted, models),
          buildMigrations(present, service, folder),
          buildMigrations(original, service, folder),
        ]);
        const revision = await revise({ wanted, present, original }, options);
        if (!revision) return undefined;
        const path = await writeRevision(folder, name, revision);
        return { path, losses: revision.losses, needs: revision.up.needs };
      }),
    ),
  );
}
