import type { Queryable } from "../../../libs/database/queryable.ts";
import type { PublicUser } from "../../../libs/users/user.ts";

type ProfileRow = Omit<PublicUser, "created_at"> & { created_at: Date };

const columns = "id, username, email, role, verified, disabled, created_at";

/** A user's record, by id. */
export async function findProfile(db: Queryable, id: string): Promise<PublicUser | undefined> {
  const { rows } = await db.query<ProfileRow>({
    name: "find-profile",
    text: `select ${columns} from profile where id = $1`,
    values: [id],
  });
  return shown(rows[0]);
}

/** A user's record, by name or address in any case. */
export async function findProfileByName(db: Queryable, usernameOrEmail: string): Promise<PublicUser | undefined> {
  const { rows } = await db.query<ProfileRow>({
    name: "find-profile-by-name",
    text: `select ${columns} from profile where username = $1 or email = $1`,
    values: [usernameOrEmail.toLowerCase()],
  });
  return shown(rows[0]);
}

function shown(row: ProfileRow | undefined): PublicUser | undefined {
  return row && { ...row, created_at: row.created_at.toISOString() };
}
