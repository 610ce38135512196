import type { Database } from "../../libs/postbox/postgres/database.ts";

/** How many rows are in each status, without the statuses that none is in: `{ pending: 2, processed: 40 }`. */
export type Statuses = Readonly<Record<string, number>>;

/** Counts the rows of a service's outbox or inbox by status. */
export async function statuses(database: Database, table: "event_outbox" | "event_inbox"): Promise<Statuses> {
  const { rows } = await database.query<{ status: string; count: number }>({
    text: `select status, count(*)::int as count from ${table} group by status order by status`,
  });
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}
