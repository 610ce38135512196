import { createHash, hkdfSync } from "node:crypto";
import { config } from "../../core/configuration/config.ts";

/** A key that tokens are signed with or verified by. */
export interface TokenKey {
  /** The `kid` in the header of its tokens. It does not reveal the key. */
  readonly id: string;
  readonly secret: string;
}

/** The key that tokens are signed with. */
export function signingKey(): TokenKey {
  return named(config().TOKEN_SECRET);
}

/** The keys whose tokens are taken: the signing key, and during a change of keys the previous or the next one. */
export function takenKeys(): readonly TokenKey[] {
  const { TOKEN_SECRET_SECOND: second } = config();
  return second === undefined ? [signingKey()] : [signingKey(), named(second)];
}

/** Derives a key of 32 bytes for another purpose than tokens (HKDF, RFC 5869). No further secret has to be kept. */
export function derivedKey({ secret }: TokenKey, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "", `postbox ${purpose}`, 32));
}

function named(secret: string): TokenKey {
  return {
    id: createHash("sha256").update("postbox key id\0").update(secret).digest("base64url").slice(0, 11),
    secret,
  };
}
