import { createHash, randomBytes } from "node:crypto";
import { keyedHash, keyedHashes } from "postbox";

/**
 * A refresh token: `<family>.<secret>`, base64url. The family stays as long as the session, the secret changes with each use.
 * A token that was used before is recognised by its family, however often the session has been refreshed since. Without a
 * family nobody can end a session.
 */
export interface RefreshToken {
  readonly family: string;
  readonly secret: string;
}

/** Seconds for which a refresh token is valid. */
export const refreshTokenSeconds = 60 * 24 * 3600;

const familyBytes = 16;
const secretBytes = 32;

export function newFamily(): string {
  return randomBytes(familyBytes).toString("base64url");
}

export function newSecret(): string {
  return randomBytes(secretBytes).toString("base64url");
}

/** Takes a refresh token apart. Undefined for a text that is none. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  const [, family, secret] = /^([\w-]{22})\.([\w-]{43})$/.exec(text) ?? [];
  return family && secret ? { family, secret } : undefined;
}

const succession = "refresh token's successor";

/**
 * The secret that replaces the token's at its use. Only a holder of `TOKEN_SECRET` can tell the successor of a token. So
 * whoever presents the same token can be told the same successor again, although only hashes are stored.
 */
export function successorOf({ family, secret }: RefreshToken): string {
  return keyedHash(succession, `${family}.${secret}`);
}

/** What the successor may be while `TOKEN_SECRET` is changed: another instance may have made it with the other key. */
export function possibleSuccessors({ family, secret }: RefreshToken): readonly string[] {
  return keyedHashes(succession, `${family}.${secret}`);
}

/** The stored hash of a part. Random bits need no slow hash. */
export function partHash(part: string): string {
  return createHash("sha256").update(part).digest("hex");
}
