import { caller } from "../../../../libs/auth/caller.ts";
import { PostboxError } from "../../../../libs/errors/postbox-error.ts";
import { action } from "../../../../libs/moleculer/action.ts";
import { object } from "../../../../libs/moleculer/object.ts";
import { publicUser } from "../../../../libs/users/user.ts";
import { findProfile } from "../../profiles/find-profile.ts";
import type { UsersService } from "../../users-service.ts";

export const me = action({
  rest: "GET /me",
  access: "gen",
  summary: "The caller's own record",
  params: object({}),
  response: publicUser,
  async handler(this: UsersService, ctx) {
    const profile = await findProfile(this.db, caller(ctx).user_id);
    // The token is proof that there is such a user: the event that tells of it is still under way.
    if (!profile)
      throw new PostboxError("profile-pending", "This user is new here; try again in a second.", { retryAfter: 1 });
    return profile;
  },
});
