import pg from "pg";

interface Comment {
  /** The object as `comment on` names it. */
  readonly object: string;
  readonly text: string;
}

/** The statements that give tables, columns and indexes of `from` the comments of their counterparts in `to`. */
export async function diffComments(from: pg.Client, to: pg.Client): Promise<string[]> {
  const [has, wants] = await Promise.all([readComments(from), readComments(to)]);
  const texts = new Map(has.map(({ object, text }) => [object, text]));
  const wanted = new Set(wants.map(({ object }) => object));
  return [
    ...has.filter(({ object }) => !wanted.has(object)).map(({ object }) => `comment on ${object} is null`),
    ...wants
      .filter(({ object, text }) => texts.get(object) !== text)
      .map(({ object, text }) => `comment on ${object} is ${pg.escapeLiteral(text)}`),
  ];
}

async function readComments(client: pg.Client): Promise<Comment[]> {
  const { rows } = await client.query<Comment>(
    `select case when d.objsubid > 0 then 'column ' || c.oid::regclass || '.' || quote_ident(a.attname)
        when c.relkind in ('i', 'I') then 'index ' || c.oid::regclass
        else 'table ' || c.oid::regclass end as object, d.description as text
     from pg_description d join pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass
     left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'i', 'I')
     order by 1`,
  );
  return rows;
}
