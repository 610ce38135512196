import type pg from "pg";
import { readTables } from "../schema/tables.ts";
import { removedEnumValues } from "./removed-enum-values.ts";

/**
 * What the step from `from` to `to` asks of existing rows: one sentence each. Such a step works on the empty tables of a
 * scratch database and fails on rows that do not fit.
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
  for (const removal of await removedEnumValues(from, to)) needs.push(`${removal}, which no row may have then`);
  return needs;
}
