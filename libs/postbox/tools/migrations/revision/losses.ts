import type pg from "pg";
import { type Column, readTables } from "../schema/tables.ts";
import { removedEnumValues } from "./removed-enum-values.ts";

/** What data of `from` has no place in the schema of `to`: one sentence each. */
export async function findLosses(from: pg.Client, to: pg.Client): Promise<string[]> {
  const [before, after] = await Promise.all([readTables(from), readTables(to)]);
  const losses: string[] = [];
  for (const [table, columns] of before) {
    const kept = after.get(table);
    if (!kept) losses.push(`drops the table ${table}`);
    else losses.push(...columns.flatMap((column) => columnLoss(column, kept)));
  }
  losses.push(...(await removedEnumValues(from, to)));
  return losses;
}

function columnLoss(column: Column, kept: readonly Column[]): string[] {
  const successor = kept.find(({ name }) => name === column.name);
  if (!successor) return [`drops the column ${column.table}.${column.name}`];
  if (successor.type === column.type || widens(column.type, successor.type)) return [];
  return [`narrows ${column.table}.${column.name} from ${column.type} to ${successor.type}`];
}

const integers = ["smallint", "integer", "bigint"];

/** Whether every value of type `from` is a value of type `to`, unchanged. */
function widens(from: string, to: string): boolean {
  if (to === "text") return /^(character varying|character|uuid|integer|bigint|smallint|boolean)/.test(from);
  if (integers.includes(from)) {
    if (integers.includes(to)) return integers.indexOf(to) > integers.indexOf(from);
    return to === "numeric";
  }
  if (from === "real") return to === "double precision";
  if (from === "json" || from === "date") return to === { json: "jsonb", date: "timestamp without time zone" }[from];
  const [a, b] = [varchar.exec(from), varchar.exec(to)];
  return a !== null && b !== null && (b[1] === undefined || (a[1] !== undefined && Number(b[1]) >= Number(a[1])));
}

const varchar = /^character varying(?:\((\d+)\))?$/;
