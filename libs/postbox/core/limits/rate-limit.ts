/** At most `count` requests in a window of `seconds`. */
export interface RateLimit {
  readonly count: number;
  readonly seconds: number;
}

const units: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3_600, day: 86_400 };

const form = /^([1-9]\d{0,8})\/(second|minute|hour|day)$/;

/** Whether `text` is undefined, or limits in the form `5/minute, 25/hour, 50/day`. */
export function isLimits(text: unknown): text is string | undefined {
  return text === undefined || (typeof text === "string" && text.split(",").every((part) => form.test(part.trim())));
}

/** Reads `5/minute, 25/hour, 50/day`. */
export function parseLimits(text: string): readonly RateLimit[] {
  return text.split(",").map((part) => {
    const [, count, unit = ""] = form.exec(part.trim()) ?? [];
    return { count: Number(count), seconds: units[unit] ?? 1 };
  });
}

/** How much of one limit a caller has used, after a request was counted. */
export interface RateLimitUsage extends RateLimit {
  /** Requests counted in the present window. More than `count` if this request is refused. */
  readonly hits: number;
  /** Seconds until the window ends. */
  readonly resetSeconds: number;
}

/** Counts a request against each limit of a bucket. A request over any limit is not counted against the others. */
export interface RateLimitStore {
  take(bucket: string, limits: readonly RateLimit[]): Promise<readonly RateLimitUsage[]>;
}

/** The limit that refuses a request; of several, the one that ends last. Undefined: none does. */
export function exceededLimit(usages: readonly RateLimitUsage[]): RateLimitUsage | undefined {
  const over = usages.filter(({ hits, count }) => hits > count);
  return over.sort((a, b) => b.resetSeconds - a.resetSeconds)[0];
}

/** The headers of draft-ietf-httpapi-ratelimit-headers-10: every policy, and the usage of the tightest. */
export function rateLimitHeaders(usages: readonly RateLimitUsage[]): Record<string, string> {
  const name = ({ count, seconds }: RateLimit) => `"${count}-in-${seconds}s"`;
  const left = ({ count, hits }: RateLimitUsage) => Math.max(0, count - hits);
  const [tightest] = [...usages].sort((a, b) => left(a) - left(b) || b.resetSeconds - a.resetSeconds);
  if (!tightest) return {};
  return {
    "RateLimit-Policy": usages.map((one) => `${name(one)};q=${one.count};w=${one.seconds}`).join(", "),
    RateLimit: `${name(tightest)};r=${left(tightest)};t=${tightest.resetSeconds}`,
  };
}
