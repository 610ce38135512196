export interface BackoffOptions {
  /** Upper bound of the first wait, in milliseconds. */
  readonly baseMs: number;
  /** Upper bound of any wait, in milliseconds. */
  readonly capMs: number;
  /** 0 to 1; handed in by tests. Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * Exponential backoff with full jitter: a wait between 0 and `base * 2^(failures - 1)`, capped. Spreads retries
 * best of the usual forms (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 */
export function backoffMs(failures: number, { baseMs, capMs, random = Math.random }: BackoffOptions): number {
  return Math.round(random() * Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30)));
}
