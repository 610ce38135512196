import type { Queryable } from "postbox";

/** The session that an access token belongs to. */
export async function sessionOfToken(db: Queryable, jti: string): Promise<string | undefined> {
  const { rows } = await db.query<{ session_id: string }>({
    name: "session-of-token",
    text: "select session_id from access_token where jti = $1",
    values: [jti],
  });
  return rows[0]?.session_id;
}
