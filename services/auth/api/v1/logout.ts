import { action, message, object, PostboxError, type TokenData } from "postbox";
import { Type } from "typebox";
import { lockAccount } from "../../accounts/lock-account.ts";
import type { AuthService } from "../../auth-service.ts";
import { forgetRefreshCookieLines, readRefreshTokens, refreshCookies } from "../../cookies/refresh-cookie.ts";
import { endSessions } from "../../sessions/end-sessions.ts";
import type { RefreshToken } from "../../sessions/refresh-token.ts";
import { type OwnedSession, sessionOfAccessToken, sessionOfFamily } from "../../sessions/session-of-token.ts";

/**
 * Either token alone ends its session: the access token of somebody who was away for an hour has expired, and the refresh
 * token in the cookie must not stay good for that.
 */
export const logout = action({
  rest: "POST /logout",
  access: "public",
  token: "optional",
  // Its answer sets a cookie, and is never stored.
  idempotency: false,
  errors: ["unauthenticated"],
  summary: "End the session of the access token and that of the refresh token's cookie, or all of the caller's",
  rateLimit: "60/minute",
  params: object({
    cookies: refreshCookies,
    query: object({
      everywhere: Type.Optional(Type.Boolean({ description: "Whether all sessions end. Default false." })),
    }),
  }),
  response: message,
  async handler(this: AuthService, ctx) {
    const { cookies, query } = ctx.params;
    const { everywhere = false } = query;
    const tokens = readRefreshTokens(cookies);
    const { user } = ctx.meta;
    if (!user && tokens.length === 0)
      throw new PostboxError("unauthenticated", "There is neither an access token that is valid nor a refresh token.");
    const sessions = await sessionsOf(this, user, tokens);
    for (const owner of new Set([...(user ? [user.user_id] : []), ...sessions.map(({ account_id }) => account_id)])) {
      const all = everywhere && owner === (user?.user_id ?? owner);
      const ids = sessions.filter(({ account_id }) => account_id === owner).map(({ id }) => id);
      await this.transaction(async (tx) => {
        await lockAccount(tx, owner);
        await endSessions(tx, owner, all ? undefined : ids);
      });
    }
    ctx.meta.$responseHeaders = { "Set-Cookie": forgetRefreshCookieLines() };
    return { message: everywhere ? "You are logged out everywhere." : "You are logged out." };
  },
});

async function sessionsOf(
  { db }: AuthService,
  user: TokenData | undefined,
  tokens: readonly RefreshToken[],
): Promise<OwnedSession[]> {
  const found = await Promise.all([
    ...(user ? [sessionOfAccessToken(db, user.jti)] : []),
    ...tokens.map((token) => sessionOfFamily(db, token)),
  ]);
  return found.filter((session) => session !== undefined);
}
