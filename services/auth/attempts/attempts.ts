import { createHash } from "node:crypto";
import { clientNetwork, type Database, PostboxError } from "postbox";
import { fold } from "../accounts/fold.ts";

/**
 * Wrong passwords allowed in a quarter of an hour: for one name from one client, for one name from anywhere, and from one
 * client for any name. An account has two names, username and address, so 50 tries in all reach it.
 */
const limits = { pair: 10, name: 25, client: 100 };

/** A counted try. It counts as wrong until it is taken back. */
export interface Attempt {
  /** Takes the try back: the password was right, or was not checked. */
  takeBack(): Promise<void>;
}

/**
 * Counts a try before the password is checked, so that tries sent side by side count as well.
 *
 * `name` is counted as typed, whether or not it is an account's. Were both names of an account counted as one, a refusal at
 * the second name would tell that they belong together.
 *
 * @throws PostboxError `too-many-attempts`, with the seconds to wait. The refused try does not count.
 */
export async function countAttempt(db: Database, name: string, address: string | undefined): Promise<Attempt> {
  const hash = createHash("sha256").update(fold(name)).digest("base64url");
  const client = address === undefined ? "unknown" : clientNetwork(address);
  const scopes = { pair: `pair ${hash} ${client}`, name: `name ${hash}`, client: `client ${client}` };
  await db.transaction(async (tx) => {
    const { rows } = await tx.query<{ scope: string; attempts: number; seconds: number }>({
      name: "count-password-attempt",
      text: `insert into password_attempt as present (scope, attempts, ends_at)
        select scope, 1, now() + interval '15 minutes' from unnest($1::text[]) as given (scope) order by scope
        on conflict (scope) do update set
          attempts = case when present.ends_at > now() then present.attempts + 1 else 1 end,
          ends_at = case when present.ends_at > now() then present.ends_at else excluded.ends_at end
        returning scope, attempts, ceil(extract(epoch from ends_at - now()))::integer as seconds`,
      values: [Object.values(scopes)],
    });
    const limitOf = new Map([
      [scopes.pair, limits.pair],
      [scopes.name, limits.name],
      [scopes.client, limits.client],
    ]);
    const over = rows.filter(({ scope, attempts }) => attempts > (limitOf.get(scope) ?? 0));
    if (over.length === 0) return;
    const seconds = Math.max(...over.map((row) => row.seconds));
    throw new PostboxError("too-many-attempts", `Too many passwords were tried; wait ${seconds} seconds.`, {
      retryAfter: seconds,
    });
  });
  return { takeBack: () => takeBack(db, Object.values(scopes)) };
}

/** Locks in the order in which they are counted; otherwise two logins could wait for each other. */
async function takeBack(db: Database, scopes: readonly string[]): Promise<void> {
  await db.query({
    name: "take-back-password-attempt",
    text: `with held as materialized (
        select scope from password_attempt where scope = any($1) order by scope for update)
      update password_attempt set attempts = greatest(attempts - 1, 0) from held
      where password_attempt.scope = held.scope`,
    values: [scopes],
  });
}
