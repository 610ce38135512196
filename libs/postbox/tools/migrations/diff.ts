import type { PostgreSQL } from "@pgkit/migra";
import pg from "pg";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { reasonOf } from "../../core/errors/reason.ts";
import { diffComments } from "./comments.ts";
import { sqlState } from "./connect.ts";
import { addEnumValues } from "./enum-values.ts";
import { compareSnapshots, takeSnapshot } from "./schema-snapshot.ts";
import type { Scratch } from "./scratch.ts";
import { literalSpansLines } from "./sql-text.ts";

/** More than any pair of schemas has needed so far. */
const passes = 6;

/** SQLSTATE of an enum's value that is used in the transaction that has added it. */
const unsafeNewValue = "55P04";

/**
 * The statements that turn the schema of `from` into that of `to`. They are run on `from` as they are found, in the one
 * transaction that it must be in, and the result is held against `to`: what is returned is known to work as a migration.
 *
 * One pass is not always enough. A statement may take an index or a default with it, or come before one that it
 * depends on; what did not run, or went missing, the next pass finds.
 *
 * A value that an enum gets is added to the type, unless something new uses it: no transaction may use a value that it
 * added, but one of a type that it made. Then all is begun again, and such a type is made anew.
 *
 * @throws PostboxError `migration-failed` for a difference that the diff cannot bridge.
 */
export async function diffSchemas(from: Scratch, to: Scratch): Promise<string[]> {
  const expected = await takeSnapshot(to.client);
  const done: string[] = [];
  let adding = true;
  await from.client.query("savepoint begun");
  for (let pass = 0; ; pass += 1) {
    const { missing, surplus } = compareSnapshots(await takeSnapshot(from.client), expected);
    const left = [...missing.map((line) => `  + ${line}`), ...surplus.map((line) => `  - ${line}`)];
    if (left.length === 0) return done;
    const before = done.length;
    const refused: Refusal[] = [];
    if (adding) refused.push(...(await runAll(from.client, await addEnumValues(from.client, to.client), done)));
    refused.push(...(await runAll(from.client, await structure(from.client, to.client), done)));
    refused.push(...(await runAll(from.client, await diffComments(from.client, to.client), done)));
    if (adding && refused.some(({ code }) => code === unsafeNewValue)) {
      await from.client.query("rollback to savepoint begun");
      done.length = 0;
      adding = false;
    } else if (done.length === before || pass === passes) throw notBridged(left, refused[0]);
  }
}

interface Refusal {
  readonly statement: string;
  readonly reason: string;
  readonly code: string | undefined;
}

/** Runs what runs, adds it to `done`, and gives what did not. */
async function runAll(client: pg.Client, statements: readonly string[], done: string[]): Promise<Refusal[]> {
  const refused: Refusal[] = [];
  for (const statement of statements)
    try {
      done.push(...(await runOne(client, statement)));
    } catch (error) {
      refused.push({ statement, reason: reasonOf(error), code: sqlState(error) });
    }
  return refused;
}

/** SQLSTATEs of a new type that the column's default is not cast to, and of one that the column itself is not. */
const defaultInTheWay = "42804";
const cannotCoerce = "42846";

/** Runs a statement, or what does the same where a column's type is in the way; gives what was run. */
async function runOne(client: pg.Client, statement: string): Promise<string[]> {
  try {
    await runAlone(client, statement);
    return [statement];
  } catch (error) {
    const [, table, column] = /^(alter table .+?) alter column (.+?) set data type /.exec(statement) ?? [];
    if (column === undefined) throw error;
    if (sqlState(error) === defaultInTheWay) {
      const drop = `${table} alter column ${column} drop default`;
      await runAlone(client, drop);
      return [drop, ...(await runOne(client, statement))];
    }
    if (sqlState(error) !== cannotCoerce) throw error;
    // The next pass adds the column anew.
    const drop = `${table} drop column ${column}`;
    await runAlone(client, drop);
    return [drop];
  }
}

/** Runs a statement so that its failure leaves the transaction as it was. */
async function runAlone(client: pg.Client, statement: string): Promise<void> {
  await client.query("savepoint statement");
  try {
    await client.query(statement);
  } catch (error) {
    await client.query("rollback to savepoint statement");
    throw error;
  } finally {
    await client.query("release savepoint statement");
  }
}

function notBridged(left: readonly string[], refused: Refusal | undefined): PostboxError {
  const attempt = refused ? `\nThis was refused (${refused.reason}):\n${refused.statement}` : "";
  return new PostboxError(
    "migration-failed",
    `No statements are known that bridge these differences; write the migration by hand:\n${left.join("\n")}${attempt}`,
  );
}

async function structure(from: pg.Client, to: pg.Client): Promise<string[]> {
  const { Migration } = await import("@pgkit/migra");
  const migration = await Migration.create(...(await Promise.all([inspect(from), inspect(to)])), {});
  migration.set_safety(false);
  migration.add_all_changes();
  return [...migration.statements].map(tidy).filter((statement) => statement !== "");
}

/**
 * Reads a database as migra's own `PostgreSQL.create` does, but on our connection and with its queries as they are:
 * migra's client parses each anew to find it a name, 0.3 s of work for one schema, and keeps a pool's state for every
 * database ever seen.
 */
async function inspect(client: pg.Client): Promise<PostgreSQL> {
  const { PostgreSQL } = await import("@pgkit/migra");
  const { rows } = await client.query<{ version: string }>("select current_setting('server_version') as version");
  const schema: PostgreSQL = Reflect.construct(PostgreSQL, [client, rows[0]?.version]);
  schema.execute = async (name) => (await client.query(schema[name] ?? "")).rows;
  await schema.load_all_async();
  schema.one_schema("public");
  const types = Object.values(schema.enums);
  const lists = new Set(types.flatMap(({ name }) => [`${name}[]`, `${pg.escapeIdentifier(name)}[]`]));
  const columns = Object.values(schema.relations).flatMap((relation) => Object.values(relation.columns));
  // A list of an enum's values becomes one of another enum by way of its text, as a single value does; there is no cast.
  for (const column of columns) column.is_enum ||= lists.has(column.dbtypestr ?? "");
  // migra puts a label between quotes as it is.
  for (const type of types) type.elements = type.elements.map((label) => label.replaceAll("'", "''"));
  return schema;
}

/** One indent, no blank lines, no semicolon at the end. */
function tidy(statement: string): string {
  const text = statement.trim().replace(/\s*;$/, "");
  if (literalSpansLines(text)) return text;
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.trim())
    .map((line, index) => (index === 0 || line === ")" ? line : `  ${line}`))
    .join("\n");
}
