import type { Queryable } from "postbox";
import type { PublicUser } from "../../../libs/auth/user.ts";

/** Saves the address of a user. */
export async function saveRecipient(tx: Queryable, { id, username, email }: PublicUser): Promise<void> {
  await tx.query({
    name: "save-recipient",
    text: `insert into recipient (id, username, email) values ($1, $2, $3)
      on conflict (id) do update set username = excluded.username, email = excluded.email`,
    values: [id, username, email],
  });
}
