import type pg from "pg";

/** One column, with its type as Postgres writes it. */
export interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  /** True: the column has a default or is generated, so that existing rows get a value when the column is added. */
  readonly filled: boolean;
}

/** The columns of every table, by table. */
export async function readTables(client: pg.Client): Promise<Map<string, Column[]>> {
  const { rows } = await client.query<Column | { table: string; name: null }>(
    `select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
       not a.attnotnull as nullable, a.atthasdef or a.attidentity <> '' as filled
     from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1, a.attnum`,
  );
  const tables = new Map<string, Column[]>();
  for (const row of rows) {
    const columns = tables.get(row.table) ?? [];
    tables.set(row.table, columns);
    if (row.name !== null) columns.push(row);
  }
  return tables;
}
