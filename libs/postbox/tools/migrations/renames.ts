import pg from "pg";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { readTables } from "./columns.ts";

/** A table (`column` absent) or a column that goes on under another name. */
export interface Rename {
  readonly table: string;
  readonly column?: string;
  readonly to: string;
}

/** The statements of a rename, and those that undo it. */
export interface RenameStatements {
  readonly up: readonly string[];
  readonly down: readonly string[];
}

/**
 * Reads `--rename`: `users.nick:handle` (also `users.nick:users.handle`) for a column, `people:users` for a table.
 *
 * @throws PostboxError `validation-failed` for any other form.
 */
export function parseRename(text: string): Rename {
  const match = /^([^.:]+)(?:\.([^.:]+))?:(?:([^.:]+)\.)?([^.:]+)$/.exec(text);
  const [, table, column, toTable, to] = match ?? [];
  if (table === undefined || to === undefined || (toTable !== undefined && toTable !== table))
    throw new PostboxError(
      "validation-failed",
      `'${text}' is not a rename; write 'table.old:new' for a column, 'old:new' for a table.`,
    );
  return column === undefined ? { table, to } : { table, column, to };
}

/** `users.nick:handle`, as it would be given by `--rename`. */
export function renameText({ table, column, to }: Rename): string {
  return column === undefined ? `${table}:${to}` : `${table}.${column}:${to}`;
}

/** Pairs that could be one thing renamed: something gone and something new of the same shape. */
export async function possibleRenames(from: pg.Client, to: pg.Client): Promise<Rename[]> {
  const [before, after] = await Promise.all([readTables(from), readTables(to)]);
  const found: Rename[] = [];
  for (const [table, columns] of before) {
    const kept = after.get(table);
    const shape = (list: readonly { name: string; type: string }[]) =>
      JSON.stringify(list.map(({ name, type }) => `${name} ${type}`).sort());
    if (!kept) {
      for (const [other, theirs] of after)
        if (!before.has(other) && shape(theirs) === shape(columns)) found.push({ table, to: other });
      continue;
    }
    const gone = columns.filter(({ name }) => !kept.some((column) => column.name === name));
    const fresh = kept.filter(({ name }) => !columns.some((column) => column.name === name));
    for (const { name, type } of gone)
      for (const column of fresh) if (column.type === type) found.push({ table, column: name, to: column.name });
  }
  return found;
}

/**
 * The statements of one rename on `from`. Constraints, indexes, sequences and enums that bear the old name get the
 * new one where `to` has it, as they would if the models had been written so from the start.
 *
 * @throws PostboxError `validation-failed` when there is nothing of the old name, or nothing of the new one.
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

/** A name that is the old word or begins with it, also behind an enum's `enum_`, with the new one in its place. */
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
