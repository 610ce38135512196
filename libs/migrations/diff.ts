import type pg from "pg";
import { PostboxError } from "../errors/postbox-error.ts";
import { diffComments } from "./comments.ts";
import type { MigrationTarget } from "./connect.ts";
import { compareSnapshots, takeSnapshot } from "./schema-snapshot.ts";
import type { Scratch } from "./scratch.ts";

/**
 * A statement that changes a type or drops a column can take an index or a default with it, which a second pass then
 * finds missing.
 */
const passes = 3;

/**
 * The statements that turn the schema of `from` into that of `to`. They are run on `from` as they are found, and the
 * result is held against `to`: what is returned is known to work.
 *
 * @throws PostboxError `migration-failed` for a difference that the diff cannot bridge.
 */
export async function diffSchemas(from: Scratch, to: Scratch): Promise<string[]> {
  const expected = await takeSnapshot(to.client);
  const statements: string[] = [];
  for (let pass = 1; ; pass += 1) {
    const { missing, surplus } = compareSnapshots(await takeSnapshot(from.client), expected);
    if (missing.length + surplus.length === 0) return statements;
    if (pass > passes)
      throw new PostboxError(
        "migration-failed",
        `No statement is known for these differences; write the migration by hand:\n${[...missing.map((line) => `  + ${line}`), ...surplus.map((line) => `  - ${line}`)].join("\n")}`,
      );
    for (const statement of await structure(from.target, to.target)) await send(from.client, statement, statements);
    for (const statement of await diffComments(from.client, to.client)) await send(from.client, statement, statements);
  }
}

async function send(client: pg.Client, statement: string, sent: string[]): Promise<void> {
  try {
    await client.query(statement);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PostboxError(
      "migration-failed",
      `The generated statement does not run (${reason}); write the migration by hand, from:\n${statement}`,
      { cause },
    );
  }
  sent.push(statement);
}

async function structure(from: MigrationTarget, to: MigrationTarget): Promise<string[]> {
  const [{ Migration }, { createClient }] = await Promise.all([import("@pgkit/migra"), import("@pgkit/client")]);
  const [source, target] = [createClient(url(from)), createClient(url(to))];
  try {
    const migration = await Migration.create(source, target, { schema: "public" });
    migration.set_safety(false);
    migration.add_all_changes();
    return [...migration.statements].map(tidy).filter((statement) => statement !== "");
  } finally {
    await Promise.all([source.end(), target.end()]);
  }
}

/** One indent, no blank lines, no semicolon at the end. */
function tidy(statement: string): string {
  return statement
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.trimEnd().replace(/^ {2,}(?=\S)/, (indent) => (indent.length > 3 ? "  " : "")))
    .map((line) => (line.trim() === ");" ? ")" : line))
    .join("\n")
    .replace(/;\s*$/, "");
}

function url({ host, port, user, password, database }: MigrationTarget): string {
  const part = encodeURIComponent;
  return `postgres://${part(user)}:${part(password)}@${part(host)}:${port}/${part(database)}`;
}
