import { createHash, randomBytes } from "node:crypto";

/**
 * A refresh token: `<family>.<secret>`, base64url. The family stays for the session's life, the secret is new with
 * each use. So a token that was used before is known by its family, however often the session has been refreshed
 * since, and whoever holds neither cannot end anybody's session.
 */
export interface RefreshToken {
  readonly family: string;
  readonly secret: string;
}

/** Seconds that a refresh token lives. */
export const refreshTokenSeconds = 60 * 24 * 3600;

const familyBytes = 16;
const secretBytes = 32;

export function newFamily(): string {
  return randomBytes(familyBytes).toString("base64url");
}

export function newSecret(): string {
  return randomBytes(secretBytes).toString("base64url");
}

/** Undefined for a text that is none. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  const [, family, secret] = /^([\w-]{22})\.([\w-]{43})$/.exec(text) ?? [];
  return family && secret ? { family, secret } : undefined;
}

/** What is stored of a part. Random bits need no slow hash. */
export function partHash(part: string): string {
  return createHash("sha256").update(part).digest("hex");
}
