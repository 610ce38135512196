/**
 * The private parts of `@pgkit/migra` that this project uses, as read in version 0.6.1: the constructor of `PostgreSQL`,
 * its queries by name, and `elements`, `dbtypestr`, `is_enum` of what was read. The test of generated changes holds them.
 */
import type { PostgreSQL } from "@pgkit/migra";
import pg from "pg";
import { literalSpansLines } from "./literal-spans-lines.ts";

/** The statements that migra finds for tables, columns, constraints, indexes and types. */
export async function structureStatements(from: pg.Client, to: pg.Client): Promise<string[]> {
  const { Migration } = await import("@pgkit/migra");
  const migration = await Migration.create(...(await Promise.all([inspect(from), inspect(to)])), {});
  migration.set_safety(false);
  migration.add_all_changes();
  return [...migration.statements].map(tidy).filter((statement) => statement !== "");
}

/**
 * Reads a database as migra's own `PostgreSQL.create` does, but on the given connection and with migra's queries as they
 * are. Migra's own client parses every query to find a name for it, 0.3 s for one schema, and keeps the state of a pool
 * for every database.
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
  // No cast leads from an array of one enum to an array of another; the text does, as for a single value.
  for (const column of columns) column.is_enum ||= lists.has(column.dbtypestr ?? "");
  // Migra puts a label between quotes without escaping.
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
