import { action, caller, object } from "postbox";
import { publicUser } from "../../../../libs/auth/user.ts";
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
