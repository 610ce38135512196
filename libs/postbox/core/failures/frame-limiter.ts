import { framesOf, headlineOf } from "./stored-error.ts";

/** Milliseconds in which the same frames are logged once. */
const quietMs = 10_000;

/** Different frames that are remembered at most. */
const maxRemembered = 100;

/**
 * Bounds the log of failures that come in numbers: a thousand events that fail at one line of code are a thousand lines
 * of log, and their frames stand below the first line only. The row of each event keeps the frames in any case.
 */
export class FrameLimiter {
  readonly #now: () => number;
  /** When frames were logged last, in milliseconds of `now`; the oldest first. */
  readonly #loggedAt = new Map<string, number>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** What the log tells of a stored error: its headline, with its frames if those were not logged within `quietMs`. */
  textOf(stored: string): string {
    const frames = framesOf(stored);
    const now = this.#now();
    if (now - (this.#loggedAt.get(frames) ?? Number.NEGATIVE_INFINITY) < quietMs) return headlineOf(stored);
    this.#loggedAt.delete(frames);
    this.#loggedAt.set(frames, now);
    const [oldest] = this.#loggedAt.keys();
    if (this.#loggedAt.size > maxRemembered && oldest !== undefined) this.#loggedAt.delete(oldest);
    return stored;
  }
}
