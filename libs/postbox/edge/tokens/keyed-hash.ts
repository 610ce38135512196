import { createHmac } from "node:crypto";
import { derivedKey, signingKey, type TokenKey, takenKeys } from "./token-keys.ts";

/**
 * HMAC-SHA256 of a text, under a key that is derived from `TOKEN_SECRET` for one purpose: `keyedHash("device", id)`. Nobody
 * without the secret can make or check one. 43 characters of base64url.
 */
export function keyedHash(purpose: string, text: string): string {
  return hashUnder(signingKey(), purpose, text);
}

/** The same under each key that is taken, the signing key first: while `TOKEN_SECRET` is changed, a hash may be of either. */
export function keyedHashes(purpose: string, text: string): readonly string[] {
  return takenKeys().map((key) => hashUnder(key, purpose, text));
}

function hashUnder(key: TokenKey, purpose: string, text: string): string {
  return createHmac("sha256", derivedKey(key, purpose)).update(text).digest("base64url");
}
