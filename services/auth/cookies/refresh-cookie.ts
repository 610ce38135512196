import { type RefreshToken, refreshTokenSeconds } from "../sessions/refresh-token.ts";
import { cookieLine, isBound } from "./cookie.ts";

const name = "refresh_token";

/** The header lines that hand a refresh token to a browser. */
export function refreshCookieLines({ family, secret }: RefreshToken): string[] {
  return [cookieLine(name, `${family}.${secret}`, refreshTokenSeconds), ...forgetUnbound()];
}

/** The header lines that have a browser forget its refresh token. */
export function forgetRefreshCookieLines(): string[] {
  return [cookieLine(name, "", 0), ...forgetUnbound()];
}

/** Where cookies are bound to the host, one of the plain name is left over from before, or is a neighbour's. */
const forgetUnbound = () => (isBound() ? [cookieLine(name, "", 0, false)] : []);
