import type { Queryable, revocationsParams, revocationsResult } from "postbox";
import type { Static } from "typebox";

/** Revocations of one page at most: about 450 kB. A message of NATS holds 1 MB by default. */
const pageSize = 5_000;

/**
 * One page of the revocations since `since`, an `as_of` of an earlier answer.
 *
 * `as_of` is the begin of the oldest open transaction. A revocation bears the time of its statement, so whatever an open
 * transaction commits later comes after `as_of`. Open transactions are read first, in a statement of their own: one that
 * ends between two reads of a single statement could be in neither.
 *
 * The page reaches 30 s further back than `since`, because the database's clock may be set back.
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
