import { action, caller, message, object } from "postbox";
import { Type } from "typebox";
import { lockAccount } from "../../accounts/lock-account.ts";
import type { AuthService } from "../../auth-service.ts";
import { forgetRefreshCookieLines } from "../../cookies/refresh-cookie.ts";
import { endSessions } from "../../sessions/end-sessions.ts";
import { sessionOfToken } from "../../sessions/session-of-token.ts";

export const logout = action({
  rest: "POST /logout",
  access: "gen",
  // Its answer sets a cookie, and is never stored.
  idempotency: false,
  summary: "End this session, or all of the caller's",
  rateLimit: "60/minute",
  params: object({
    query: object({
      everywhere: Type.Optional(Type.Boolean({ description: "Whether all sessions end. Default false." })),
    }),
  }),
  response: message,
  async handler(this: AuthService, ctx) {
    const { user_id, jti } = caller(ctx);
    const { everywhere = false } = ctx.params.query;
    await this.transaction(async (tx) => {
      await lockAccount(tx, user_id);
      const session = await sessionOfToken(tx, jti);
      if (everywhere) await endSessions(tx, user_id);
      else if (session) await endSessions(tx, user_id, [session]);
    });
    ctx.meta.$responseHeaders = { "Set-Cookie": forgetRefreshCookieLines() };
    return { message: everywhere ? "You are logged out everywhere." : "You are logged out." };
  },
});
