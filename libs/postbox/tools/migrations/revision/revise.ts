import { PostboxError } from "../../../core/errors/postbox-error.ts";
import type { Scratch } from "../database/scratch.ts";
import { compareSnapshots, takeSnapshot } from "../schema/schema-snapshot.ts";
import { diffSchemas } from "./diff/diff-schemas.ts";
import { findLosses } from "./losses.ts";
import { findNeeds } from "./needs.ts";
import { decideRenames, type RenameDecision } from "./renames/decide-renames.ts";
import { type RenameStatements, renameStatements } from "./renames/rename-statements.ts";
import type { Revision } from "./revision-file.ts";

/** Three scratch databases, of which `present` and `original` begin equal, as the migrations build them. */
export interface RevisionSchemas {
  /** What the models describe. */
  readonly wanted: Scratch;
  /** Led to `wanted` and back, by the statements that are found. */
  readonly present: Scratch;
  /** Gets the renames only. Then the schema is what `down` must lead back to, and the source of losses and needs. */
  readonly original: Scratch;
}

/**
 * Finds the statements that lead from the migrations to the models and back; undefined if both agree.
 *
 * @throws PostboxError `migration-loss`, `migration-failed`, `validation-failed` for a rename that does not fit.
 */
export async function revise(schemas: RevisionSchemas, decision: RenameDecision): Promise<Revision | undefined> {
  const { wanted, present, original } = schemas;
  const { missing, surplus } = compareSnapshots(await takeSnapshot(original.client), await takeSnapshot(wanted.client));
  if (missing.length + surplus.length === 0 && decision.renames.length === 0) return undefined;

  const renames = await applyRenames(schemas, decision);
  const losses = await findLosses(original.client, wanted.client);
  if (losses.length > 0 && !decision.allowLoss)
    throw new PostboxError(
      "migration-loss",
      `This migration ${losses.join(", and ")}: that data would be lost. If that is meant, add --allow-loss.`,
    );
  const needs = await findNeeds(original.client, wanted.client);
  const needsBack = await findNeeds(wanted.client, original.client);
  const up = await inTransaction(present, async () => {
    const renamed = renames.flatMap((rename) => rename.up);
    await runAll(present, renamed);
    return [...renamed, ...(await diffSchemas(present, wanted))];
  });
  const down = await inTransaction(present, async () => {
    const statements = await diffSchemas(present, original);
    const renamed = renames.toReversed().flatMap((rename) => rename.down);
    await runAll(present, renamed);
    return [...statements, ...renamed];
  });
  return { losses, up: { statements: up, needs }, down: { statements: down, needs: needsBack } };
}

/** Renames in `original`, one after the other: the rename of a column may name a table that an earlier one has renamed. */
async function applyRenames({ original, wanted }: RevisionSchemas, decision: RenameDecision) {
  const renames: RenameStatements[] = [];
  for (const rename of await decideRenames(original.client, wanted.client, decision)) {
    const statements = await renameStatements(original.client, wanted.client, rename);
    await runAll(original, statements.up);
    renames.push(statements);
  }
  return renames;
}

async function runAll({ client }: Scratch, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await client.query(statement);
}

/** A failure leaves the transaction open: the scratch database is dropped anyway. */
async function inTransaction<T>({ client }: Scratch, work: () => Promise<T>): Promise<T> {
  await client.query("begin");
  const result = await work();
  await client.query("commit");
  return result;
}
