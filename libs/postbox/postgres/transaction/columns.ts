/**
 * The columns of a statement's rows: the SQL of each, under its name in the row. Row type and statement are tied by it:
 * a column that one of them lacks does not compile.
 */
export type Columns<Row> = { readonly [Name in keyof Row]-?: string };

/** The list that follows `select` or `returning`: `o.id as id, o.data::text as data`. */
export function columnList<Row>(columns: Columns<Row>): string {
  return Object.entries(columns)
    .map(([name, sql]) => `${sql} as ${name}`)
    .join(", ");
}
