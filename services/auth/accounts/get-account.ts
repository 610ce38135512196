import { PostboxError, type Queryable } from "postbox";
import type { AccountRow } from "./account-row.ts";

/** Reads an account by id. @throws PostboxError `not-found`. */
export async function getAccount(db: Queryable, id: string): Promise<AccountRow> {
  const { rows } = await db.query<AccountRow>({
    name: "get-account",
    text: "select * from account where id = $1",
    values: [id],
  });
  if (!rows[0]) throw new PostboxError("not-found", "There is no such user.");
  return rows[0];
}
