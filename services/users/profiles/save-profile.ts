import type { Queryable } from "postbox";
import type { PublicUser } from "../../../libs/auth/user.ts";

/** Saves the copy of a user, in place of an earlier one. */
export async function saveProfile(tx: Queryable, user: PublicUser): Promise<void> {
  await tx.query({
    name: "save-profile",
    text: `insert into profile (id, username, email, role, verified, disabled, created_at)
      values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (id) do update set username = excluded.username, email = excluded.email, role = excluded.role,
        verified = excluded.verified, disabled = excluded.disabled, created_at = excluded.created_at`,
    values: [user.id, user.username, user.email, user.role, user.verified, user.disabled, user.created_at],
  });
}
