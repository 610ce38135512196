import { createHash } from "node:crypto";
import { Counter, Gauge } from "prom-client";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import {
  exceededLimit,
  type RateLimit,
  type RateLimitStore,
  type RateLimitUsage,
  rateLimitHeaders,
} from "../../core/limits/rate-limit.ts";
import { metrics } from "../../telemetry/metrics.ts";
import { addHeaders } from "../answers/headers.ts";
import type { HeaderLines } from "../requests/incoming.ts";

const refused = new Counter({
  name: "postbox_rate_limited_total",
  help: "Requests refused because their caller made too many, by action.",
  labelNames: ["action"],
  registers: [metrics],
});
const storeUp = new Gauge({
  name: "postbox_rate_limit_store_up",
  help: "1 while rate limits are counted in the shared store, 0 while each process counts for itself.",
  registers: [metrics],
});

/** Milliseconds for which the shared store is not used after a failure, so that requests do not wait for it. */
const pauseMs = 1_000;
/** Milliseconds that one count in the shared store may take. */
const deadlineMs = 500;

/** What is limited: an action, or the requests that were refused. */
export interface Limited {
  /** The name of the action, or `refused`. It is part of the bucket and the label of the metric. */
  readonly action: string;
  readonly limits?: readonly RateLimit[];
}

/** Counts requests by action and caller: in the shared store, and while that is away in the memory of this process. */
export class RateLimiter {
  readonly #shared: RateLimitStore;
  readonly #fallback: RateLimitStore;
  readonly #onAway: (error: unknown) => void;
  #pausedUntil = 0;

  /** `onAway` gets the error whenever the shared store could not be used. */
  constructor(shared: RateLimitStore, fallback: RateLimitStore, onAway: (error: unknown) => void) {
    this.#onAway = onAway;
    this.#shared = shared;
    this.#fallback = fallback;
    storeUp.set(1);
  }

  /**
   * Counts a limited request, and adds what is left of its limits to the answer's headers.
   *
   * `caller` is a user's id or an address. Only a hash of it is stored.
   *
   * @throws PostboxError `rate-limited`, with the seconds until the full window ends.
   */
  async take({ action, limits }: Limited, caller: string, lines: HeaderLines): Promise<void> {
    if (!limits) return;
    const bucket = `${action} ${createHash("sha256").update(caller).digest("base64url").slice(0, 22)}`;
    const usages = await this.#count(bucket, limits);
    addHeaders(lines, rateLimitHeaders(usages));
    const over = exceededLimit(usages);
    if (!over) return;
    refused.inc({ action });
    throw new PostboxError("rate-limited", `Only ${over.count} in ${over.seconds} s are allowed; wait and try again.`, {
      retryAfter: over.resetSeconds,
    });
  }

  async #count(bucket: string, limits: readonly RateLimit[]): Promise<readonly RateLimitUsage[]> {
    if (performance.now() < this.#pausedUntil) return this.#fallback.take(bucket, limits);
    try {
      const usages = await inTime(this.#shared.take(bucket, limits));
      storeUp.set(1);
      return usages;
    } catch (error) {
      this.#onAway(error);
      storeUp.set(0);
      this.#pausedUntil = performance.now() + pauseMs;
      return this.#fallback.take(bucket, limits);
    }
  }
}

/** Rejects after `deadlineMs`: a frozen database answers nothing at all. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("The store of rate limits is late.")), deadlineMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
