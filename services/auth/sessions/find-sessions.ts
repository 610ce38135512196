import type { Queryable } from "postbox";

interface SessionRow {
  readonly id: string;
  readonly created_at: Date;
  readonly last_used_at: Date;
  readonly expires_at: Date;
  readonly ip_address: string | null;
}

/** A session as its owner sees it. */
export type ShownSession = { readonly [K in keyof SessionRow]: SessionRow[K] extends Date ? string : SessionRow[K] };

/** The sessions of an account that have not expired, the last used one first. */
export async function findSessions(db: Queryable, accountId: string): Promise<ShownSession[]> {
  const { rows } = await db.query<SessionRow>({
    name: "find-sessions",
    text: `select id, created_at, last_used_at, expires_at, ip_address from session
      where account_id = $1 and expires_at > now() order by last_used_at desc, id desc`,
    values: [accountId],
  });
  return rows.map((row) => ({
    ...row,
    created_at: row.created_at.toISOString(),
    last_used_at: row.last_used_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
  }));
}
