import type { Queryable } from "../../../libs/database/queryable.ts";
import { PostboxError } from "../../../libs/errors/postbox-error.ts";
import type { AccountRow } from "./account-row.ts";

/**
 * Reads an account and holds it until the transaction ends. Every change to an account, its sessions or its tokens
 * locks it first, so a login cannot slip between a change of password and the end of the sessions.
 *
 * @throws PostboxError `not-found`.
 */
export async function lockAccount(tx: Queryable, id: string): Promise<AccountRow> {
  const { rows } = await tx.query<AccountRow>({
    name: "lock-account",
    text: "select * from account where id = $1 for no key update",
    values: [id],
  });
  if (!rows[0]) throw new PostboxError("not-found", "There is no such user.");
  return rows[0];
}
