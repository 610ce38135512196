import type pg from "pg";

/** The values of every enum in their order, by type. */
export async function readEnums(client: pg.Client): Promise<Map<string, string[]>> {
  const { rows } = await client.query<{ type: string; labels: string[] }>(
    `select typname as type, array_agg(enumlabel::text order by enumsortorder) as labels
     from pg_enum join pg_type t on t.oid = enumtypid where typnamespace = 'public'::regnamespace group by typname`,
  );
  return new Map(rows.map(({ type, labels }) => [type, labels]));
}
