import { action, call, message, object } from "postbox";
import { changeUsernameParams, changeUsername as decide } from "../../../../libs/auth/actions.ts";

/** Auth makes the change and answers at once. The profile here follows by an event. */
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
