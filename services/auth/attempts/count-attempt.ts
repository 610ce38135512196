import { type Database, PostboxError, type Queryable } from "postbox";
import type { Scope } from "./scopes.ts";

/** A counted try. It counts as wrong until it is taken back. */
export interface Attempt {
  /** Takes the try back: the password was right, or was not checked. */
  takeBack(): Promise<void>;
  /** Set for a try that is over a limit and admitted all the same: what its wrong password is answered. */
  readonly refusal: PostboxError | undefined;
}

/**
 * Counts a try before the password is checked, so that tries sent side by side count as well. `admits` is asked about a try
 * that is over the limits of the given scopes.
 *
 * @throws PostboxError `too-many-attempts`, with the seconds to wait. The refused try does not count.
 */
export async function countAttempt(
  db: Database,
  scopes: readonly Scope[],
  admits: (tx: Queryable, over: readonly string[]) => Promise<boolean> = async () => false,
): Promise<Attempt> {
  const names = scopes.map(({ scope }) => scope);
  const refusal = await db.transaction(async (tx) => {
    const { rows } = await tx.query<{ scope: string; attempts: number; seconds: number }>({
      name: "count-password-attempt",
      text: `insert into password_attempt as present (scope, attempts, ends_at)
        select scope, 1, now() + interval '15 minutes' from unnest($1::text[]) as given (scope) order by scope
        on conflict (scope) do update set
          attempts = case when present.ends_at > now() then present.attempts + 1 else 1 end,
          ends_at = case when present.ends_at > now() then present.ends_at else excluded.ends_at end
        returning scope, attempts, ceil(extract(epoch from ends_at - now()))::integer as seconds`,
      values: [names],
    });
    const over = rows.filter(({ scope, attempts }) => attempts > limitOf(scopes, scope));
    if (over.length === 0) return undefined;
    const seconds = Math.max(...over.map((row) => row.seconds));
    const refusal = new PostboxError("too-many-attempts", `Too many passwords were tried; wait ${seconds} seconds.`, {
      retryAfter: seconds,
    });
    if (
      await admits(
        tx,
        over.map(({ scope }) => scope),
      )
    )
      return refusal;
    throw refusal;
  });
  return { takeBack: () => takeBack(db, names), refusal };
}

const limitOf = (scopes: readonly Scope[], name: string) => scopes.find(({ scope }) => scope === name)?.limit ?? 0;

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
