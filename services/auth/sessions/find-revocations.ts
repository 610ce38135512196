import type { Queryable, revocationsParams, revocationsResult } from "postbox";
import type { Static } from "typebox";

/** Revocations of a page: about 450 kB, where a message of NATS holds 1 MB unless it was told otherwise. */
const pageSize = 5_000;

/**
 * A page of the revocations since a moment that this function gave earlier. A revocation is marked before it commits, so the moment
 * given is no later than the begin of any transaction that is open: what it will commit comes after that moment. (Read
 * first: in one statement, one that ends in between would be in neither.) It looks 30 s further back, because the
 * database's clock may be set back.
 */
export async function findRevocations(
  db: Queryable,
  { since, after }: Static<typeof revocationsParams>,
): Promise<Static<typeof revocationsResult>> {
  const { rows: moments } = await db.query<{ as_of: Date }>({
    name: "oldest-transaction",
    text: `select least(now(), min(xact_start)) as as_of from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend'`,
  });
  const { rows } = await db.query<{ jti: string; expires_at: Date }>({
    name: "find-revocations",
    text: `select jti, expires_at from access_token where revoked_at is not null and expires_at > now()
      and ($1::timestamptz is null or revoked_at > $1::timestamptz - interval '30 seconds')
      and ($2::uuid is null or jti > $2) order by jti limit $3`,
    values: [since, after, pageSize],
  });
  const next = rows.length === pageSize ? rows.at(-1)?.jti : undefined;
  return {
    as_of: (moments[0]?.as_of ?? new Date(0)).toISOString(),
    revoked: rows.map(({ jti, expires_at }) => ({ jti, expires_at: expires_at.toISOString() })),
    ...(next !== undefined && { next }),
  };
}
