import type { Static } from "typebox";
import type { revocationsResult } from "../../../libs/auth/actions.ts";
import type { Queryable } from "../../../libs/database/queryable.ts";

/**
 * The revocations since a moment that this function gave earlier. It looks 30 s further back, because a transaction
 * commits after the moment it wrote.
 */
export async function findRevocations(
  db: Queryable,
  since: string | undefined,
): Promise<Static<typeof revocationsResult>> {
  const { rows } = await db.query<{ as_of: Date; jti: string | null; expires_at: Date | null }>({
    name: "find-revocations",
    text: `select now() as as_of, jti, expires_at from (select 1) as always
      left join access_token on revoked_at is not null and expires_at > now()
        and ($1::timestamptz is null or revoked_at > $1::timestamptz - interval '30 seconds')`,
    values: [since],
  });
  return {
    as_of: (rows[0]?.as_of ?? new Date()).toISOString(),
    revoked: rows.flatMap(({ jti, expires_at }) =>
      jti && expires_at ? [{ jti, expires_at: expires_at.toISOString() }] : [],
    ),
  };
}
