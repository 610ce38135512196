import { createHash } from "node:crypto";
import type { Database } from "../../../libs/database/database.ts";
import { PostboxError } from "../../../libs/errors/postbox-error.ts";

/**
 * Passwords that may be tried in a quarter of an hour: for one account from one address, for one account from
 * anywhere, and from one address for any account. Right ones do not count in the end.
 */
const limits = { pair: 10, account: 50, address: 100 };

/** One try that counts until it is taken back. */
export interface Attempt {
  /** The password was right. */
  takeBack(): Promise<void>;
}

/**
 * Counts a try before the password is looked at, so that tries sent side by side count as well. `account` is the
 * account's id, or what was typed where no account bears it: both are limited alike, and nothing tells them apart.
 *
 * @throws PostboxError `too-many-attempts` with the seconds to wait; the try refused does not count.
 */
export async function countAttempt(db: Database, account: string, address: string | undefined): Promise<Attempt> {
  const name = createHash("sha256").update(account.toLowerCase()).digest("base64url");
  const from = address ?? "unknown";
  const scopes = { pair: `pair ${name} ${from}`, account: `account ${name}`, address: `address ${from}` };
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
      [scopes.account, limits.account],
      [scopes.address, limits.address],
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
