import type { RefreshToken } from "./refresh-token.ts";
import { refreshTokenSeconds } from "./refresh-token.ts";

/** The cookie's name. */
export const refreshCookie = "refresh_token";

/** Sent to auth's own paths only; a page's scripts cannot read it, another site's forms do not send it. */
const attributes = "Path=/auth; HttpOnly; Secure; SameSite=Lax";

/** The header that hands a refresh token to the client. */
export function setRefreshCookie({ family, secret }: RefreshToken): Record<string, string[]> {
  return { "Set-Cookie": [`${refreshCookie}=${family}.${secret}; Max-Age=${refreshTokenSeconds}; ${attributes}`] };
}

/** The header that makes the client forget it. */
export function clearRefreshCookie(): Record<string, string[]> {
  return { "Set-Cookie": [`${refreshCookie}=; Max-Age=0; ${attributes}`] };
}
