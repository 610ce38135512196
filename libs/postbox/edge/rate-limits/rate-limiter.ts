import { createHash } from "node:crypto";
import { Counter, Gauge } from "prom-client";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import {
  type RateLimit,
  type RateLimitStore,
  type RateLimitUsage,
  rateLimitHeaders,
  refusing,
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

/** Milliseconds for which the shared store is left alone after it failed, so that requests do not wait for it. */
const restMs = 1_000;
/** Milliseconds that one count may take. */
const deadlineMs = 500;

/** What is limited: an action, or all that was refused. */
export interface Limited {
  /** Stands in the metric and in the store. */
  readonly action: string;
  readonly limits?: readonly RateLimit[];
}

/** Counts requests by action and caller; while the shared store is away, in this process's memory. */
export class RateLimiter {
  readonly #shared: RateLimitStore;
  readonly #own: RateLimitStore;
  readonly #onAway: (error: unknown) => void;
  #restUntil = 0;

  /** `onAway` is told why the shared store could not be used. */
  constructor(shared: RateLimitStore, own: RateLimitStore, onAway: (error: unknown) => void) {
    this.#onAway = onAway;
    this.#shared = shared;
    this.#own = own;
    storeUp.set(1);
  }

  /**
   * Counts a request, if it is limited, and tells in the answer's headers where its caller stands.
   *
   * `caller` is a user's id or an address; only a hash of it is kept.
   *
   * @throws PostboxError `rate-limited` with the seconds until there is room again.
   */
  async take({ action, limits }: Limited, caller: string, lines: HeaderLines): Promise<void> {
    if (!limits) return;
    const bucket = `${action} ${createHash("sha256").update(caller).digest("base64url").slice(0, 22)}`;
    const standings = await this.#count(bucket, limits);
    addHeaders(lines, rateLimitHeaders(standings));
    const over = refusing(standings);
    if (!over) return;
    refused.inc({ action });
    throw new PostboxError("rate-limited", `Only ${over.count} in ${over.seconds} s are allowed; wait and try again.`, {
      retryAfter: over.resetSeconds,
    });
  }

  async #count(bucket: string, limits: readonly RateLimit[]): Promise<readonly RateLimitUsage[]> {
    if (performance.now() < this.#restUntil) return this.#own.take(bucket, limits);
    try {
      const standings = await inTime(this.#shared.take(bucket, limits));
      storeUp.set(1);
      return standings;
    } catch (error) {
      this.#onAway(error);
      storeUp.set(0);
      this.#restUntil = performance.now() + restMs;
      return this.#own.take(bucket, limits);
    }
  }
}

/** A database that froze answers nothing at all; a request does not wait for it. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("The store of rate limits is late.")), deadlineMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
