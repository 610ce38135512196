import type { Queryable, Role } from "postbox";
import { v7 as uuid } from "uuid";
import type { AccountRow } from "./account-row.ts";
import { fold } from "./fold.ts";
import { orTaken } from "./taken.ts";

export interface NewAccount {
  readonly username: string;
  readonly email: string;
  readonly password_hash: string;
  readonly role?: Role;
  readonly verified?: boolean;
}

/** @throws PostboxError `username-taken`, `email-taken`. */
export async function insertAccount(tx: Queryable, account: NewAccount): Promise<AccountRow> {
  const { rows } = await orTaken(
    tx.query<AccountRow>({
      name: "insert-account",
      text: `insert into account (id, username, email, password_hash, role, verified)
        values ($1, $2, $3, $4, $5, $6) returning *`,
      values: [
        uuid(),
        fold(account.username),
        fold(account.email),
        account.password_hash,
        account.role ?? "user",
        account.verified ?? false,
      ],
    }),
  );
  const [row] = rows;
  if (!row) throw new TypeError("An insert returned no row.");
  return row;
}
