import type pg from "pg";
import { PostboxError } from "../../../../core/errors/postbox-error.ts";
import { possibleRenames } from "./possible-renames.ts";
import { type Rename, renameText } from "./rename.ts";

export interface RenameDecision {
  /** The renames that were given by name. */
  readonly renames: readonly Rename[];
  /** Asks a person about a possible rename. Absent: nobody is there to answer. */
  readonly isRename?: (candidate: Rename) => Promise<boolean>;
  /** Whether an undecided pair may be dropped and added. */
  readonly allowLoss: boolean;
}

/**
 * The renames that lead from `from` to `to`: the given ones, and the possible ones that a person confirms.
 *
 * @throws PostboxError `migration-loss` for a possible rename that nobody decides, unless `allowLoss` is given.
 */
export async function decideRenames(from: pg.Client, to: pg.Client, decision: RenameDecision): Promise<Rename[]> {
  const { renames, isRename, allowLoss } = decision;
  const decided = [...renames];
  const isOpen = (candidate: Rename) => !decided.some((rename) => excludes(rename, candidate));
  const candidates = (await possibleRenames(from, to)).filter(isOpen);
  if (!isRename) {
    if (candidates.length > 0 && !allowLoss)
      throw new PostboxError(
        "migration-loss",
        `It is not clear what is renamed. Decide by ${candidates.map((candidate) => `--rename ${renameText(candidate)}`).join(" or ")}; --allow-loss drops the old and adds the new.`,
      );
    return decided;
  }
  for (const candidate of candidates) if (isOpen(candidate) && (await isRename(candidate))) decided.push(candidate);
  return decided;
}

/** Whether a decided rename already uses the old or the new name of the candidate. */
function excludes({ table, column, to }: Rename, candidate: Rename): boolean {
  if (candidate.column === undefined) return column === undefined && (table === candidate.table || to === candidate.to);
  return table === candidate.table && (column === candidate.column || to === candidate.to);
}
