import { PostboxError } from "../../core/errors/postbox-error.ts";
import { bearerToken } from "../access/bearer.ts";
import type { TokenVerifier } from "../access/token-verifier.ts";
import type { Meta } from "../actions/meta.ts";
import { checkedKey } from "../idempotency/key.ts";
import type { RateLimiter } from "../rate-limits/rate-limiter.ts";
import { wantedBy } from "../requests/accept.ts";
import type { FindClient } from "../requests/client-address.ts";
import { refuseCrossSite } from "../requests/cross-site.ts";
import type { Incoming } from "../requests/incoming.ts";
import type { Route } from "../routes/route.ts";

/** What the admission of a request goes by. */
export interface AdmissionPolicy {
  /** Origins whose pages may send requests. */
  readonly origins: readonly string[];
  readonly verifier: Pick<TokenVerifier, "admit">;
  readonly clientOf: FindClient;
  /** Counts the use of limited actions. Undefined: rate limits are off. */
  readonly limiter: Pick<RateLimiter, "take"> | undefined;
}

/**
 * Admits a request to the action of its route, and writes into `meta` what the action may believe: the token that was
 * verified, the client's address, the idempotency key. Only a limited action makes the request wait, for its count.
 *
 * @throws PostboxError `cross-site`, `unauthenticated`, `forbidden`, `malformed-request`; `rate-limited` as a rejection.
 */
export function admit(policy: AdmissionPolicy, req: Incoming, route: Route, meta: Meta): void | Promise<void> {
  const { headers } = req;
  refuseCrossSite(req, route, policy.origins);
  const token = bearerToken(headers.authorization);
  const verified = policy.verifier.admit(route.access, token, route.optionalToken);
  if (verified?.type === "service") throw new PostboxError("unauthenticated", "A service's token is not taken here.");
  if (verified && token !== undefined) meta.token = token;
  const { address, network } = policy.clientOf(req);
  if (address !== undefined) meta.clientAddress = address;
  if (route.page) {
    const wants = wantedBy(headers.accept);
    if (wants) meta.wants = wants;
    req.answerHeaders.push("Vary", "Accept");
  }
  const key = headers["idempotency-key"];
  if (key !== undefined && route.document.idempotent) meta.idempotencyKey = checkedKey(key);
  if (!route.limits || !policy.limiter) return undefined;
  return policy.limiter.take(route, verified?.user_id ?? network, req.answerHeaders);
}
