import type { ServiceBroker } from "moleculer";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { type Access, type Role, roleSets } from "../tokens/roles.ts";
import { verifyToken } from "../tokens/token.ts";
import type { VerifiedToken } from "../tokens/token-data.ts";

/** Tokens remembered at most; about 1 kB each. */
const capacity = 20_000;

/** How far this machine's clock may be behind the one that says when a token ends. */
const clockLeewayMs = 15 * 60_000;

/** Verifies tokens, and remembers those it has verified until they end or are revoked. */
export class TokenVerifier {
  readonly #verified = new Map<string, VerifiedToken>();
  /** The moment at which each revoked token ends by itself, in milliseconds since 1970, by `jti`. */
  readonly #revoked = new Map<string, number>();
  /** Tokens made before this moment, in seconds since 1970, may have been revoked unseen. */
  #blindBefore = Math.floor(Date.now() / 1_000);

  /**
   * @throws PostboxError `unauthenticated` for anything but a token that is valid at this moment;
   * `service-unavailable` for a user's token of which that cannot be known yet.
   */
  verify(token: string): VerifiedToken {
    const known = this.#verified.get(token);
    const valid = known && known.exp * 1_000 > Date.now() ? known : this.#verifyAnew(token);
    if (this.#revoked.has(valid.jti)) throw new PostboxError("unauthenticated", "The token is revoked; log in again.");
    if (valid.iat < this.#blindBefore && valid.type === "access")
      throw new PostboxError(
        "service-unavailable",
        "Which tokens are revoked is not known yet; try again in a second.",
        {
          retryAfter: 1,
        },
      );
    return valid;
  }

  /** Takes tokens from before its own time too: it was told which of them were revoked, or nobody can tell. */
  see(): void {
    this.#blindBefore = 0;
  }

  /** Refuses a token from now on. `expiresAt`: when it ends by itself, and need not be remembered any more. */
  revoke(jti: string, expiresAt: Date): void {
    this.#revoked.set(jti, expiresAt.getTime());
  }

  /** Forgets revoked tokens that have ended. */
  prune(): void {
    for (const [jti, end] of this.#revoked) if (end < Date.now() - clockLeewayMs) this.#revoked.delete(jti);
  }

  /**
   * Who calls, if they may: undefined for a public action called without a token.
   *
   * @throws PostboxError `unauthenticated` without a valid token, `forbidden` for one that does not reach.
   */
  admit(access: Access, token: string | undefined): VerifiedToken | undefined {
    if (access === "public") return undefined;
    if (token === undefined) throw new PostboxError("unauthenticated", "There is no token; log in first.");
    const verified = this.verify(token);
    if (verified.type === "service") return verified;
    const allowed: readonly Role[] = access === "service" ? [] : roleSets[access];
    if (!allowed.includes(verified.role)) throw new PostboxError("forbidden");
    return verified;
  }

  #verifyAnew(token: string): VerifiedToken {
    this.#verified.delete(token);
    const verified = verifyToken(token);
    if (this.#verified.size >= capacity) {
      const [oldest] = this.#verified.keys();
      if (oldest !== undefined) this.#verified.delete(oldest);
    }
    this.#verified.set(token, verified);
    return verified;
  }
}

const verifiers = new WeakMap<ServiceBroker, TokenVerifier>();

/** The verifier that everything on one broker shares. */
export function verifierOf(broker: ServiceBroker): TokenVerifier {
  const verifier = verifiers.get(broker) ?? new TokenVerifier();
  verifiers.set(broker, verifier);
  return verifier;
}
