import { createHash, hkdfSync } from "node:crypto";
import { config } from "../../core/configuration/config.ts";

/** A key that tokens are signed with or verified by. */
export interface TokenKey {
  /** Stands in the header of its tokens (`kid`); names the key without telling it. */
  readonly id: string;
  readonly secret: string;
}

/** The key that tokens are made with. */
export function signingKey(): TokenKey {
  return named(config().TOKEN_SECRET);
}

/**
 * The keys whose tokens are taken: the signing key, and while keys are changed a second one, which is the last or the
 * next.
 */
export function takenKeys(): readonly TokenKey[] {
  const { TOKEN_SECRET_SECOND: second } = config();
  return second === undefined ? [signingKey()] : [signingKey(), named(second)];
}

/**
 * A key of 32 bytes for something else than tokens, derived from a signing key (RFC 5869), so that one secret less has
 * to be kept.
 */
export function derivedKey({ secret }: TokenKey, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "", `postbox ${purpose}`, 32));
}

function named(secret: string): TokenKey {
  return {
    id: createHash("sha256").update("postbox key id\0").update(secret).digest("base64url").slice(0, 11),
    secret,
  };
}
