import { object } from "postbox";
import { type Static, Type } from "typebox";
import { parseRefreshToken, type RefreshToken, refreshTokenSeconds } from "../sessions/refresh-token.ts";
import { cookieLine, isBound, namesOf } from "./cookie.ts";

const name = "refresh_token";
const [boundName, plainName] = namesOf(name);

/** Refresh tokens of one request that are looked at. */
const maxTokens = 4;

const texts = Type.Optional(Type.Array(Type.String(), { description: "Set by a login and by each refresh." }));

/** The cookies of a request that may hold refresh tokens. A neighbouring host can have set further ones of the name. */
export const refreshCookies = object({ [boundName]: texts, [plainName]: texts });

/** The refresh tokens of a request, those of the bound name first. Whatever is no token is left out. */
export function readRefreshTokens(cookies: Static<typeof refreshCookies>): RefreshToken[] {
  const values = [...(cookies[boundName] ?? []), ...(cookies[plainName] ?? [])];
  return values.flatMap((value) => parseRefreshToken(value) ?? []).slice(0, maxTokens);
}

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
