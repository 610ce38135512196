import type { RateLimit, RateLimitStore, RateLimitUsage } from "../../core/limits/rate-limit.ts";

/** Windows kept at most. When there are more, all are forgotten. */
const maxWindows = 50_000;

/** Counts in the memory of this process, while the shared store is away. */
export class MemoryRateLimitStore implements RateLimitStore {
  readonly #windows = new Map<string, { hits: number; end: number }>();
  readonly #now: () => number;

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  async take(bucket: string, limits: readonly RateLimit[]): Promise<readonly RateLimitUsage[]> {
    const now = this.#now();
    if (this.#windows.size > maxWindows) this.#windows.clear();
    const windows = limits.map((limit) => ({ limit, window: this.#window(`${bucket} ${limit.seconds}`, limit, now) }));
    const full = windows.some(({ limit, window }) => window.hits >= limit.count);
    return windows.map(({ limit, window }) => {
      if (!full) window.hits += 1;
      const over = full && window.hits >= limit.count ? 1 : 0;
      return { ...limit, hits: window.hits + over, resetSeconds: Math.ceil((window.end - now) / 1_000) };
    });
  }

  #window(key: string, { seconds }: RateLimit, now: number): { hits: number; end: number } {
    const known = this.#windows.get(key);
    if (known && known.end > now) return known;
    const size = seconds * 1_000;
    const window = { hits: 0, end: Math.floor(now / size) * size + size };
    this.#windows.set(key, window);
    return window;
  }
}
