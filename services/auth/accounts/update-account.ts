import { PostboxError, type Queryable } from "postbox";
import type { AccountRow } from "./account-row.ts";
import { orTaken } from "./taken.ts";

/** `username` in its folded form. */
type Changes = Partial<Pick<AccountRow, "username" | "password_hash" | "role" | "verified" | "disabled">>;

/**
 * Changes the given columns of an account.
 *
 * @returns the changed account.
 *
 * @throws PostboxError `username-taken`, `not-found`.
 */
export async function updateAccount(tx: Queryable, id: string, changes: Changes): Promise<AccountRow> {
  const { rows } = await orTaken(
    tx.query<AccountRow>({
      name: "update-account",
      text: `update account set
          username = coalesce($2, username),
          password_hash = coalesce($3, password_hash),
          role = coalesce($4, role),
          verified = coalesce($5, verified),
          disabled = coalesce($6, disabled)
        where id = $1 returning *`,
      values: [id, changes.username, changes.password_hash, changes.role, changes.verified, changes.disabled],
    }),
  );
  if (!rows[0]) throw new PostboxError("not-found", "There is no such user.");
  return rows[0];
}
