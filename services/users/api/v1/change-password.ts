import { action, call, message, object } from "postbox";
import { changePasswordParams, changePassword as decide } from "../../../../libs/auth/actions.ts";

/** Auth makes the change: no other service knows passwords. */
export const changePassword = action({
  rest: "PATCH /me/password",
  access: "gen",
  errors: ["no-change", "wrong-password", "too-many-attempts", "overloaded"],
  summary: "Change the caller's password; all sessions end",
  rateLimit: "10/minute, 50/hour",
  params: object({ body: changePasswordParams }),
  response: message,
  handler: (ctx) => call(ctx, decide, ctx.params.body),
});
