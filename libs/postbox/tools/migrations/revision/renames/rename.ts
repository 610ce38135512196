import { PostboxError } from "../../../../core/errors/postbox-error.ts";

/** A table (`column` absent) or a column that continues under another name. */
export interface Rename {
  readonly table: string;
  readonly column?: string;
  readonly to: string;
}

/**
 * Reads `--rename`: `users.nick:handle` or `users.nick:users.handle` for a column, `people:users` for a table.
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

/** `users.nick:handle`, as `--rename` takes the text. */
export function renameText({ table, column, to }: Rename): string {
  return column === undefined ? `${table}:${to}` : `${table}.${column}:${to}`;
}
