import type { RefreshToken } from "./refresh-token.ts";
import { refreshTokenSeconds } from "./refresh-token.ts";

/** The cookie's name. */
export const refreshCookie = "refresh_token";

/** Browsers send the cookie to auth's paths only. Scripts cannot read it, and forms of other sites do not send it. */
const attributes = "Path=/auth; HttpOnly; Secure; SameSite=Lax";

/** The header that gives the client a refresh token. */
export function setRefreshCookie({ family, secret }: RefreshToken): Record<string, string[]> {
  return { "Set-Cookie": [`${refreshCookie}=${family}.${secret}; Max-Age=${refreshTokenSeconds}; ${attributes}`] };
}

/** The header that makes the client forget its refresh token. */
export function clearRefreshCookie(): Record<string, string[]> {
  return { "Set-Cookie": [`${refreshCookie}=; Max-Age=0; ${attributes}`] };
}
