import type pg from "pg";
import { readTables } from "./columns.ts";
import { takenValues } from "./enum-values.ts";

/**
 * What the schema of `to` asks of the rows of `from` and does not give them: one sentence each. It works on the empty
 * tables of a scratch database, and fails on rows.
 */
export async function findNeeds(from: pg.Client, to: pg.Client): Promise<string[]> {
  const [before, after] = await Promise.all([readTables(from), readTables(to)]);
  const needs: string[] = [];
  for (const [table, columns] of before)
    for (const { name, nullable, filled } of after.get(table) ?? []) {
      const own = columns.find((column) => column.name === name);
      if (nullable) continue;
      if (!own && !filled) needs.push(`adds the column ${table}.${name}, which is not null and has no default`);
      if (own?.nullable) needs.push(`forbids null in ${table}.${name}`);
    }
  for (const taken of await takenValues(from, to)) needs.push(`${taken}, which no row may have then`);
  return needs;
}
