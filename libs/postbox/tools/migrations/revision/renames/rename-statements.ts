import pg from "pg";
import { PostboxError } from "../../../../core/errors/postbox-error.ts";
import { readTables } from "../../schema/tables.ts";
import { type Rename, renameText } from "./rename.ts";

/** The statements of a rename, and the statements that undo the rename. */
export interface RenameStatements {
  readonly up: readonly string[];
  readonly down: readonly string[];
}

/**
 * The statements of one rename on `from`. Constraints, indexes, sequences and enums whose names come from the old name
 * are renamed too, where `to` has them under the new name.
 *
 * @throws PostboxError `validation-failed` when nothing has the old name, or nothing the new one.
 */
export async function renameStatements(from: pg.Client, to: pg.Client, rename: Rename): Promise<RenameStatements> {
  const { table, column } = rename;
  const [before, after] = await Promise.all([readTables(from), readTables(to)]);
  const newTable = column === undefined ? rename.to : table;
  const exists = (tables: typeof before, inTable: string, name: string | undefined) =>
    name === undefined ? tables.has(inTable) : tables.get(inTable)?.some((one) => one.name === name);
  const newColumn = column === undefined ? undefined : rename.to;
  const fits =
    exists(before, table, column) &&
    !exists(after, table, column) &&
    exists(after, newTable, newColumn) &&
    !exists(before, newTable, newColumn);
  if (!fits)
    throw new PostboxError(
      "validation-failed",
      `'${renameText(rename)}' fits nothing: the migrations must have the old name alone, and the models the new one.`,
    );
  const pairs = [
    column === undefined
      ? both((a, b) => `alter table ${a} rename to ${b}`, table, rename.to)
      : both((a, b) => `alter table ${id(table)} rename column ${a} to ${b}`, column, rename.to),
  ];
  const [names, taken] = await Promise.all([namedObjects(from), namedObjects(to)]);
  const [oldWord, newWord] = column === undefined ? [table, newTable] : [`${table}_${column}`, `${table}_${rename.to}`];
  for (const { kind, owner, name } of names) {
    const next = withWord(name, oldWord, newWord);
    if (next === name || !taken.some((other) => other.kind === kind && other.name === next)) continue;
    pairs.push(
      kind === "constraint"
        ? both(
            (a, b) => `alter table ${id(owner === table ? newTable : owner)} rename constraint ${a} to ${b}`,
            name,
            next,
          )
        : both((a, b) => `alter ${kind} ${a} rename to ${b}`, name, next),
    );
  }
  return { up: pairs.map(({ up }) => up), down: pairs.map(({ down }) => down).reverse() };
}

/** Replaces the old word at the beginning of a name, also after the `enum_` of an enum's name. */
function withWord(name: string, oldWord: string, newWord: string): string {
  for (const prefix of ["", "enum_"])
    if (`${name}_`.startsWith(`${prefix}${oldWord}_`))
      return `${prefix}${newWord}${name.slice((prefix + oldWord).length)}`;
  return name;
}

const id = pg.escapeIdentifier;

function both(statement: (from: string, to: string) => string, a: string, b: string) {
  return { up: statement(id(a), id(b)), down: statement(id(b), id(a)) };
}

async function namedObjects(client: pg.Client) {
  const { rows } = await client.query<{
    kind: "constraint" | "index" | "sequence" | "type";
    owner: string;
    name: string;
  }>(
    `select 'constraint' as kind, (select relname from pg_class where oid = conrelid) as owner, conname as name
     from pg_constraint where connamespace = 'public'::regnamespace and conrelid <> 0 and contype <> 'n'
     union all
     select case relkind when 'S' then 'sequence' else 'index' end, '', relname
     from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('S', 'i', 'I')
       and not exists (select from pg_constraint where conindid = c.oid and contype in ('p', 'u', 'x'))
     union all
     select 'type', '', typname from pg_type where typnamespace = 'public'::regnamespace and typtype = 'e'`,
  );
  return rows;
}
