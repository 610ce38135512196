import { caller } from "../../../../libs/auth/caller.ts";
import { action } from "../../../../libs/moleculer/action.ts";
import { object } from "../../../../libs/moleculer/object.ts";
import { publicUser } from "../../../../libs/users/user.ts";
import { awaitProfile } from "../../profiles/await-profile.ts";
import type { UsersService } from "../../users-service.ts";

export const me = action({
  rest: "GET /me",
  access: "gen",
  rateLimit: "300/minute",
  errors: ["profile-pending"],
  summary: "The caller's own record",
  params: object({}),
  response: publicUser,
  handler(this: UsersService, ctx) {
    return awaitProfile(this.db, caller(ctx).user_id);
  },
});
