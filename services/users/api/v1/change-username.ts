import { action, call, message, object } from "postbox";
import { changeUsernameParams, changeUsername as decide } from "../../../../libs/auth/actions.ts";

/** Auth decides, and answers at once; the record here follows by an event. */
export const changeUsername = action({
  rest: "PATCH /me/username",
  access: "gen",
  idempotency: "handed-on",
  errors: ["no-change", "username-taken"],
  summary: "Change the caller's name",
  rateLimit: "10/minute, 50/hour",
  params: object({ body: changeUsernameParams }),
  response: message,
  handler: (ctx) => call(ctx, decide, ctx.params.body),
});
