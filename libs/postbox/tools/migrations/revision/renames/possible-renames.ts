import type pg from "pg";
import { type Column, readTables } from "../../schema/tables.ts";
import type { Rename } from "./rename.ts";

/** Every pair of a thing that only `from` has and a thing of the same shape that only `to` has. */
export async function possibleRenames(from: pg.Client, to: pg.Client): Promise<Rename[]> {
  const [before, after] = await Promise.all([readTables(from), readTables(to)]);
  const found: Rename[] = [];
  for (const [table, columns] of before) {
    const kept = after.get(table);
    if (kept) found.push(...renamedColumns(table, columns, kept));
    else
      for (const [other, theirs] of after)
        if (!before.has(other) && shape(theirs) === shape(columns)) found.push({ table, to: other });
  }
  return found;
}

function renamedColumns(table: string, before: readonly Column[], after: readonly Column[]): Rename[] {
  const gone = before.filter(({ name }) => !after.some((column) => column.name === name));
  const added = after.filter(({ name }) => !before.some((column) => column.name === name));
  return gone.flatMap(({ name, type }) =>
    added.filter((column) => column.type === type).map((column) => ({ table, column: name, to: column.name })),
  );
}

function shape(columns: readonly Column[]): string {
  return JSON.stringify(columns.map(({ name, type }) => `${name} ${type}`).sort());
}
