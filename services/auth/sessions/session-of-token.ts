import type { Queryable } from "postbox";
import { partHash, type RefreshToken } from "./refresh-token.ts";

/** A session and whose it is. */
export interface OwnedSession {
  readonly id: string;
  readonly account_id: string;
}

/** The session that an access token was given out in. */
export async function sessionOfAccessToken(db: Queryable, jti: string): Promise<OwnedSession | undefined> {
  const { rows } = await db.query<OwnedSession>({
    name: "session-of-access-token",
    text: "select session_id as id, account_id from access_token where jti = $1",
    values: [jti],
  });
  return rows[0];
}

/** The session of a refresh token's family, whether or not the token is the present one. */
export async function sessionOfFamily(db: Queryable, { family }: RefreshToken): Promise<OwnedSession | undefined> {
  const { rows } = await db.query<OwnedSession>({
    name: "session-of-family",
    text: "select id, account_id from session where family_hash = $1",
    values: [partHash(family)],
  });
  return rows[0];
}
