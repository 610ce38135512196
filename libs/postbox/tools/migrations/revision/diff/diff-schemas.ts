import { PostboxError } from "../../../../core/errors/postbox-error.ts";
import type { Scratch } from "../../database/scratch.ts";
import { compareSnapshots, takeSnapshot } from "../../schema/schema-snapshot.ts";
import { addEnumValues } from "./add-enum-values.ts";
import { diffComments } from "./diff-comments.ts";
import { structureStatements } from "./migra.ts";
import { type Refusal, runStatements } from "./run-statements.ts";

/** More than any pair of schemas has needed so far. */
const maxPasses = 6;

/** SQLSTATE of an enum's value that is used in the transaction that has added the value. */
const unsafeNewValue = "55P04";

/**
 * Finds the statements that turn the schema of `from` into the schema of `to`. `from` must be in a transaction, in which
 * the statements run as they are found. The result is compared with `to`, so every returned list works as a migration.
 *
 * One pass may not be enough. A statement can drop an index or a default along with its column, or run before another
 * statement that it depends on. The next pass finds what was refused and what went missing.
 *
 * Enums that gain values are extended. Where something new uses an added value, Postgres refuses that within one
 * transaction; then the search starts again and such an enum is replaced by a new type.
 *
 * @throws PostboxError `migration-failed` for a difference that no statements are found for.
 */
export async function diffSchemas(from: Scratch, to: Scratch): Promise<string[]> {
  const expected = await takeSnapshot(to.client);
  const done: string[] = [];
  let extendsEnums = true;
  await from.client.query("savepoint begun");
  for (let pass = 0; ; pass += 1) {
    const { missing, surplus } = compareSnapshots(await takeSnapshot(from.client), expected);
    if (missing.length + surplus.length === 0) return done;
    const before = done.length;
    const refused = await runPass(from, to, extendsEnums, done);
    if (extendsEnums && refused.some(({ code }) => code === unsafeNewValue)) {
      await from.client.query("rollback to savepoint begun");
      done.length = 0;
      extendsEnums = false;
    } else if (done.length === before || pass === maxPasses) {
      const differences = [...missing.map((line) => `  + ${line}`), ...surplus.map((line) => `  - ${line}`)];
      throw notBridged(differences, refused[0]);
    }
  }
}

/** Runs what one comparison finds: values of enums, structure, comments. Returns what was refused. */
async function runPass(from: Scratch, to: Scratch, extendsEnums: boolean, done: string[]): Promise<Refusal[]> {
  const kinds = [...(extendsEnums ? [addEnumValues] : []), structureStatements, diffComments];
  const refused: Refusal[] = [];
  for (const find of kinds)
    refused.push(...(await runStatements(from.client, await find(from.client, to.client), done)));
  return refused;
}

function notBridged(differences: readonly string[], refused: Refusal | undefined): PostboxError {
  const attempt = refused ? `\nThis was refused (${refused.reason}):\n${refused.statement}` : "";
  return new PostboxError(
    "migration-failed",
    `No statements are known that bridge these differences; write the migration by hand:\n${differences.join("\n")}${attempt}`,
  );
}
