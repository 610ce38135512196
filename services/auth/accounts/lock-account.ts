import { PostboxError, type Queryable } from "postbox";
import type { AccountRow } from "./account-row.ts";

/**
 * Reads an account and locks it until the transaction ends. Every change to an account, its sessions or its tokens takes
 * this lock first: no login can slip between a change of password and the end of the sessions.
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

/**
 * Locks the account of the caller and the account that the caller changes, in the order of their ids. Two callers who change
 * each other then do not deadlock, and the second one finds what the first has done.
 *
 * @throws PostboxError `not-found`.
 */
export async function lockAccounts(
  tx: Queryable,
  actorId: string,
  id: string,
): Promise<{ actor: AccountRow; account: AccountRow }> {
  const { rows } = await tx.query<AccountRow & { acts: boolean; asked: boolean }>({
    name: "lock-accounts",
    text: `select *, id = $1 as acts, id = $2 as asked from account where id in ($1, $2)
      order by id for no key update`,
    values: [actorId, id],
  });
  const [actor, account] = [rows.find(({ acts }) => acts), rows.find(({ asked }) => asked)];
  if (!actor || !account) throw new PostboxError("not-found", "There is no such user.");
  return { actor, account };
}
