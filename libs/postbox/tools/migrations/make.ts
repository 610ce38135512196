import { PostboxError } from "../../core/errors/postbox-error.ts";
import { buildModels } from "./build-models.ts";
import type { MigrationTarget } from "./connect.ts";
import { diffSchemas } from "./diff.ts";
import { migrationsFolder } from "./files.ts";
import { findLosses } from "./losses.ts";
import { migrate } from "./migrate.ts";
import { findNeeds } from "./needs.ts";
import { possibleRenames, type Rename, type RenameStatements, renameStatements, renameText } from "./renames.ts";
import { type Revision, revisionName, writeRevision } from "./revision-file.ts";
import { compareSnapshots, takeSnapshot } from "./schema-snapshot.ts";
import { type Scratch, withScratch } from "./scratch.ts";
import { loadServiceModels, type ServiceModels } from "./service-models.ts";

export interface MakeOptions {
  /** What the change is for; becomes the file's name. */
  readonly message: string;
  /** Whether statements may be written that lose data. */
  readonly allowLoss: boolean;
  readonly renames: readonly Rename[];
  /** Asked about what could be a rename. Absent: nobody is there to answer. */
  readonly isRename?: (candidate: Rename) => Promise<boolean>;
  /** Default: the service's own. */
  readonly folder?: string;
  readonly models?: ServiceModels;
}

/** The file that was written; undefined when models and migrations agree. */
export interface Made {
  readonly path: string;
  readonly losses: readonly string[];
  /** What tables with rows must have before it works on them. */
  readonly needs: readonly string[];
}

/**
 * Writes the migration that leads from what the migrations build to what the models describe. Both are built in
 * scratch databases on the target's server; the statements are run there in both directions before they are written, each
 * way in one transaction, as `migrate` runs them.
 *
 * @throws PostboxError `migration-loss` when data would go and `allowLoss` is not given; `migration-failed`;
 * `validation-failed` for a message or a rename that does not fit.
 */
export async function makeMigration(
  service: string,
  server: MigrationTarget,
  options: MakeOptions,
): Promise<Made | undefined> {
  revisionName(options.message);
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
        const path = await writeRevision(folder, revision);
        return { path, losses: revision.losses, needs: revision.up.needs };
      }),
    ),
  );
}

/** Builds what the service's migrations build. */
export async function buildMigrations({ target, client }: Scratch, service: string, folder: string): Promise<void> {
  await migrate(service, target, { direction: "up", logger: silent, folder });
  await client.query("drop table if exists schema_migration");
}

const silent = { info: () => undefined, warn: () => undefined };

/** `present` and `original` begin equal, as the migrations build them; `present` is led to `wanted` and back. */
async function revise(
  { wanted, present, original }: Record<"wanted" | "present" | "original", Scratch>,
  options: MakeOptions,
): Promise<Revision | undefined> {
  const before = await takeSnapshot(original.client);
  const { missing, surplus } = compareSnapshots(before, await takeSnapshot(wanted.client));
  if (missing.length + surplus.length === 0 && options.renames.length === 0) return undefined;

  const renames: RenameStatements[] = [];
  for (const rename of await decideRenames(original, wanted, options)) {
    // One after the other: a column's rename may name the table as an earlier one calls it.
    const statements = await renameStatements(original.client, wanted.client, rename);
    await runAll(original, statements.up);
    renames.push(statements);
  }
  const losses = await findLosses(original.client, wanted.client);
  if (losses.length > 0 && !options.allowLoss)
    throw new PostboxError(
      "migration-loss",
      `This migration ${losses.join(", and ")}: that data would be lost. If that is meant, add --allow-loss.`,
    );
  const needs = await findNeeds(original.client, wanted.client);
  const needsBack = await findNeeds(wanted.client, original.client);
  const renamed = renames.flatMap(({ up }) => up);
  const renamedBack = renames.reverse().flatMap(({ down }) => down);
  // As `up` and `down` of the runner: each in one transaction.
  const up = await inTransaction(present, async () => {
    await runAll(present, renamed);
    return [...renamed, ...(await diffSchemas(present, wanted))];
  });
  const down = await inTransaction(present, async () => {
    const statements = await diffSchemas(present, original);
    await runAll(present, renamedBack);
    return [...statements, ...renamedBack];
  });
  const { message } = options;
  return { message, losses, up: { statements: up, needs }, down: { statements: down, needs: needsBack } };
}

async function runAll({ client }: Scratch, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await client.query(statement);
}

/** What fails leaves it open: the database goes anyway. */
async function inTransaction<T>({ client }: Scratch, work: () => Promise<T>): Promise<T> {
  await client.query("begin");
  const result = await work();
  await client.query("commit");
  return result;
}

async function decideRenames(from: Scratch, to: Scratch, options: MakeOptions): Promise<Rename[]> {
  const decided = [...options.renames];
  const open = async () =>
    (await possibleRenames(from.client, to.client)).filter(
      (candidate) =>
        !decided.some(({ table, column, to }) =>
          candidate.column === undefined
            ? column === undefined && (table === candidate.table || to === candidate.to)
            : table === candidate.table && (column === candidate.column || to === candidate.to),
        ),
    );
  const candidates = await open();
  if (!options.isRename) {
    if (candidates.length > 0 && !options.allowLoss)
      throw new PostboxError(
        "migration-loss",
        `It is not clear what is renamed. Say so by ${candidates.map((candidate) => `--rename ${renameText(candidate)}`).join(" or ")}; --allow-loss drops the old and adds the new.`,
      );
    return decided;
  }
  for (const candidate of candidates)
    if (
      (await open()).some((still) => renameText(still) === renameText(candidate)) &&
      (await options.isRename(candidate))
    )
      decided.push(candidate);
  return decided;
}
