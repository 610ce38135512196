import { action, caller, message, object, PostboxError } from "postbox";
import { Type } from "typebox";
import { lockAccount } from "../../accounts/lock-account.ts";
import type { AuthService } from "../../auth-service.ts";
import { endSessions } from "../../sessions/end-sessions.ts";

export const endSession = action({
  rest: "DELETE /tokens/me/:token_id",
  access: "gen",
  errors: ["not-found"],
  summary: "End one of the caller's sessions",
  rateLimit: "60/minute",
  params: object({ params: object({ token_id: Type.String({ format: "uuid" }) }) }),
  response: message,
  async handler(this: AuthService, ctx) {
    const { user_id } = caller(ctx);
    await this.transaction(async (tx) => {
      await lockAccount(tx, user_id);
      if ((await endSessions(tx, user_id, [ctx.params.params.token_id])) === 0)
        throw new PostboxError("not-found", "You have no such session.");
    });
    return { message: "The session is ended." };
  },
});
