import { action, object, PostboxError } from "postbox";
import type { AuthService } from "../../auth-service.ts";
import { readRefreshTokens, refreshCookieLines, refreshCookies } from "../../cookies/refresh-cookie.ts";
import { accessGrant } from "../../sessions/issue-access-token.ts";
import { refreshSession } from "../../sessions/refresh-session.ts";

export const refresh = action({
  rest: "POST /token/refresh",
  access: "public",
  idempotency: false,
  summary: "Exchange the refresh token, which is good for one use, for a new one and an access token",
  rateLimit: "60/minute",
  params: object({ cookies: refreshCookies }),
  response: accessGrant,
  async handler(this: AuthService, ctx) {
    const grant = await refreshSession(this, readRefreshTokens(ctx.params.cookies), ctx.meta.clientAddress);
    if (!grant)
      throw new PostboxError(
        "unauthenticated",
        "The refresh token is missing, expired or was used before; log in again.",
      );
    ctx.meta.$responseHeaders = { "Set-Cookie": refreshCookieLines(grant.refresh) };
    return grant.access;
  },
});
