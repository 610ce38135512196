import type { ServiceBroker } from "moleculer";
import { errorCode, PostboxError } from "../../core/errors/postbox-error.ts";
import { type Access, type Role, roleSets } from "../tokens/roles.ts";
import { verifyToken } from "../tokens/token.ts";
import type { VerifiedToken } from "../tokens/token-data.ts";

/** Verified tokens remembered at most, about 1 kB each. */
const maxRemembered = 20_000;

/** Milliseconds by which this machine's clock may differ from the issuer's. */
const clockLeewayMs = 15 * 60_000;

/**
 * Verifies tokens, and remembers each verified one until it expires or is revoked.
 *
 * A new verifier does not know yet which tokens are revoked. Until `revocationsKnown`, it answers `service-unavailable`
 * for users' tokens from before its own start.
 */
export class TokenVerifier {
  readonly #verified = new Map<string, VerifiedToken>();
  /** When each revoked token expires, in milliseconds since 1970, by `jti`. */
  readonly #revoked = new Map<string, number>();
  /** In seconds since 1970: of tokens issued before it, the revoked ones are not known yet. */
  #unknownBefore = Math.floor(Date.now() / 1_000);

  /**
   * @throws PostboxError `unauthenticated` for anything but a token that is valid now; `service-unavailable` for a user's
   * token while the revoked ones are not known.
   */
  verify(token: string): VerifiedToken {
    const known = this.#verified.get(token);
    const valid = known && known.exp * 1_000 > Date.now() ? known : this.#verifyAnew(token);
    if (this.#revoked.has(valid.jti)) throw new PostboxError("unauthenticated", "The token is revoked; log in again.");
    if (valid.iat < this.#unknownBefore && valid.type === "access")
      throw new PostboxError(
        "service-unavailable",
        "Which tokens are revoked is not known yet; try again in a second.",
        {
          retryAfter: 1,
        },
      );
    return valid;
  }

  /** Takes tokens from before the verifier's start, too: the revoked ones are known, or nobody can say. */
  revocationsKnown(): void {
    this.#unknownBefore = 0;
  }

  /** Refuses a token from now on. After `expiresAt` it is refused anyway, and can be forgotten. */
  revoke(jti: string, expiresAt: Date): void {
    this.#revoked.set(jti, expiresAt.getTime());
  }

  /** Forgets revoked tokens that have expired. */
  forgetExpired(): void {
    for (const [jti, end] of this.#revoked) if (end < Date.now() - clockLeewayMs) this.#revoked.delete(jti);
  }

  /**
   * The caller of an action, verified. A public action has none: its token is not looked at, unless that is `optional`.
   * Then a valid access token counts as its user's, and any other as none.
   *
   * @throws PostboxError `unauthenticated` without a valid token; `forbidden` where the caller's role may not call.
   */
  admit(access: Access, token: string | undefined, optional = false): VerifiedToken | undefined {
    if (access === "public") return optional && token !== undefined ? this.#userOf(token) : undefined;
    if (token === undefined) throw new PostboxError("unauthenticated", "There is no token; log in first.");
    const verified = this.verify(token);
    if (verified.type === "service") return verified;
    const allowed: readonly Role[] = access === "service" ? [] : roleSets[access];
    if (!allowed.includes(verified.role)) throw new PostboxError("forbidden");
    return verified;
  }

  #userOf(token: string): VerifiedToken | undefined {
    try {
      const verified = this.verify(token);
      return verified.type === "access" ? verified : undefined;
    } catch (error) {
      if (errorCode(error) === "unauthenticated") return undefined;
      throw error;
    }
  }

  #verifyAnew(token: string): VerifiedToken {
    this.#verified.delete(token);
    const verified = verifyToken(token);
    if (this.#verified.size >= maxRemembered) {
      const [oldest] = this.#verified.keys();
      if (oldest !== undefined) this.#verified.delete(oldest);
    }
    this.#verified.set(token, verified);
    return verified;
  }
}

const verifiers = new WeakMap<ServiceBroker, TokenVerifier>();

/** The verifier of a broker, one for all its services. */
export function verifierOf(broker: ServiceBroker): TokenVerifier {
  const verifier = verifiers.get(broker) ?? new TokenVerifier();
  verifiers.set(broker, verifier);
  return verifier;
}
