import type { Queryable } from "postbox";
import type { PublicUser } from "../../../libs/auth/user.ts";

type ProfileRow = Omit<PublicUser, "created_at"> & { created_at: Date };

/** The profile of a user, by id. */
export async function findProfile(db: Queryable, id: string): Promise<PublicUser | undefined> {
  const { rows } = await db.query<ProfileRow>({
    name: "find-profile",
    text: "select id, username, email, role, verified, disabled, created_at from profile where id = $1",
    values: [id],
  });
  const [row] = rows;
  return row && { ...row, created_at: row.created_at.toISOString() };
}
