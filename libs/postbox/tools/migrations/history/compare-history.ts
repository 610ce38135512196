import { PostboxError } from "../../../core/errors/postbox-error.ts";
import type { AppliedMigration } from "./history.ts";
import type { MigrationFile } from "./migration-files.ts";

/** How the files of a service and the history of its database differ. */
export interface HistoryComparison {
  readonly pending: readonly MigrationFile[];
  /** Names of migrations that a newer release has applied: this release has no file for them. */
  readonly ahead: readonly string[];
}

/**
 * Compares the files of a service with the history of its database.
 *
 * @throws PostboxError `migration-history` when an applied migration was changed or its file is gone, or when a pending
 * migration would run before an applied one.
 */
export function compareHistory(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): HistoryComparison {
  const byName = new Map(files.map((file) => [file.name, file]));
  const newest = files.at(-1)?.name ?? "";
  const ahead: string[] = [];
  for (const { name, checksum } of applied) {
    const file = byName.get(name);
    if (file) requireUnchanged(file, checksum);
    else if (name > newest) ahead.push(name);
    else
      throw new PostboxError(
        "migration-history",
        `The migration '${name}' was applied but its file is gone. Bring the file back; to undo a migration, write a new one.`,
      );
  }
  const names = new Set(applied.map(({ name }) => name));
  const pending = files.filter(({ name }) => !names.has(name));
  requireLater(pending, applied.at(-1)?.name ?? "");
  return { pending, ahead };
}

function requireUnchanged({ name, checksum }: MigrationFile, recorded: string): void {
  if (checksum !== recorded)
    throw new PostboxError(
      "migration-history",
      `The migration '${name}' was changed after it was applied (${recorded.slice(0, 8)} then, ${checksum.slice(0, 8)} now). Bring its text back and put the change into a new migration.`,
    );
}

/** Every database must run the migrations in one order. */
function requireLater(pending: readonly MigrationFile[], last: string): void {
  const early = pending.find(({ name }) => name < last);
  if (early)
    throw new PostboxError(
      "migration-history",
      `The migration '${early.name}' comes before '${last}', which is applied already. Give it the next number, so that every database runs both in one order.`,
    );
}
