/** One limit: so many requests in a window of so many seconds. */
export interface RateLimit {
  readonly count: number;
  readonly seconds: number;
}

const units: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3_600, day: 86_400 };

const form = /^([1-9]\d{0,8})\/(second|minute|hour|day)$/;

/** Whether `text` says limits as `5/minute, 25/hour, 50/day` does, or nothing. */
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

/** Where one caller stands with one limit, after this request was counted. */
export interface RateLimitUsage extends RateLimit {
  /** Requests counted in the present window; more than `count` if this one is refused. */
  readonly hits: number;
  /** Seconds until the window ends. */
  readonly resetSeconds: number;
}

/** Counts a request against each limit. A request over any of them is not counted against the others. */
export interface RateLimitStore {
  take(bucket: string, limits: readonly RateLimit[]): Promise<readonly RateLimitUsage[]>;
}

/** The limit that refuses the request, the one that lasts longest; undefined if there is room in all. */
export function refusing(standings: readonly RateLimitUsage[]): RateLimitUsage | undefined {
  const over = standings.filter(({ hits, count }) => hits > count);
  return over.sort((a, b) => b.resetSeconds - a.resetSeconds)[0];
}

/** The headers of draft-ietf-httpapi-ratelimit-headers-10: every policy, and where the tightest one stands. */
export function rateLimitHeaders(standings: readonly RateLimitUsage[]): Record<string, string> {
  const name = ({ count, seconds }: RateLimit) => `"${count}-in-${seconds}s"`;
  const left = ({ count, hits }: RateLimitUsage) => Math.max(0, count - hits);
  const [tightest] = [...standings].sort((a, b) => left(a) - left(b) || b.resetSeconds - a.resetSeconds);
  if (!tightest) return {};
  return {
    "RateLimit-Policy": standings.map((one) => `${name(one)};q=${one.count};w=${one.seconds}`).join(", "),
    RateLimit: `${name(tightest)};r=${left(tightest)};t=${tightest.resetSeconds}`,
  };
}
