import type { Queryable } from "postbox";
import type { AccountRow } from "./account-row.ts";
import { fold } from "./fold.ts";

/** The account with this name or address, in any case. A name never holds an `@`, so there is one at most. */
export async function findAccount(db: Queryable, usernameOrEmail: string): Promise<AccountRow | undefined> {
  const { rows } = await db.query<AccountRow>({
    name: "find-account",
    text: "select * from account where username = $1 or email = $1",
    values: [fold(usernameOrEmail)],
  });
  return rows[0];
}
