import { action, call, message, object } from "postbox";
import { changeRole as decide } from "../../../../libs/auth/actions.ts";
import { roleName, userId } from "../../../../libs/auth/fields.ts";

/** Auth makes the change and answers at once. The profile here follows by an event. */
export const changeRole = action({
  rest: "PATCH /management/users/:user_id/role",
  access: "mgmt",
  idempotency: "handed-on",
  errors: ["no-change", "not-found"],
  summary: "Change a user's role",
  rateLimit: "60/minute",
  params: object({ params: object({ user_id: userId }), body: object({ new_role: roleName }) }),
  response: message,
  handler: (ctx) => call(ctx, decide, { ...ctx.params.params, ...ctx.params.body }),
});
