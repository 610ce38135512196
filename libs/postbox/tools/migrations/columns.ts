import type pg from "pg";

/** One column, with its type as Postgres writes it. */
export interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  /** It has a default, or is generated: a row that is there when it is added gets a value. */
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

/** The labels of every enum, by type. */
export async function readEnums(client: pg.Client): Promise<Map<string, string[]>> {
  const { rows } = await client.query<{ type: string; labels: string[] }>(
    `select typname as type, array_agg(enumlabel::text order by enumsortorder) as labels
     from pg_enum join pg_type t on t.oid = enumtypid where typnamespace = 'public'::regnamespace group by typname`,
  );
  return new Map(rows.map(({ type, labels }) => [type, labels]));
}
