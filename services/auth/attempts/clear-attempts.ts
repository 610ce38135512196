import type { Queryable } from "postbox";
import type { AccountRow } from "../accounts/account-row.ts";
import { scopesOf } from "./scopes.ts";

/** Forgets the wrong passwords for an account: its owner has proved more than a password. Locks as counting does. */
export async function clearAttempts(tx: Queryable, account: AccountRow): Promise<void> {
  const { whole, beginnings } = scopesOf(account);
  await tx.query({
    name: "clear-password-attempts",
    text: `with held as materialized (
        select scope from password_attempt
        where scope = any($1) or exists (select from unnest($2::text[]) as beginning where starts_with(scope, beginning))
        order by scope for update)
      delete from password_attempt using held where password_attempt.scope = held.scope`,
    values: [whole, beginnings],
  });
}
