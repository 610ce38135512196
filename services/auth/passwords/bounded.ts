import { PostboxError } from "postbox";

export interface Bounds {
  /** Tasks that run at the same time at most. */
  readonly atOnce: number;
  /** Tasks that may wait. */
  readonly waiting: number;
  /** Milliseconds that a task may wait. */
  readonly patienceMs: number;
  /** While tasks wait, a slot pauses between two of them: this many times as long as the last one took. */
  readonly rest: number;
}

interface Waiting {
  readonly since: number;
  readonly begin: () => void;
  readonly shed: (error: PostboxError) => void;
}

const overloaded = () =>
  new PostboxError("overloaded", "Too many passwords are being checked; try again in a second.", { retryAfter: 1 });

/**
 * Runs a bounded number of tasks at the same time, and lets a bounded number wait for a bounded time. Further tasks are
 * refused: an answer after the client has gone helps nobody.
 */
export class Bounded {
  readonly #bounds: Bounds;
  readonly #queue: Waiting[] = [];
  #running = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** @throws PostboxError `overloaded` while as many tasks wait as may. */
  refuseIfFull(): void {
    const { atOnce, waiting } = this.#bounds;
    if (this.#running >= atOnce && this.#queue.length >= waiting) throw overloaded();
  }

  /** @throws PostboxError `overloaded` while too many tasks wait, or after too long a wait; and what `work` throws. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.refuseIfFull();
    if (this.#running < this.#bounds.atOnce) this.#running += 1;
    else await new Promise<void>((begin, shed) => void this.#queue.push({ since: performance.now(), begin, shed }));
    const begun = performance.now();
    try {
      return await work();
    } finally {
      this.#rest(performance.now() - begun);
    }
  }

  #rest(workedMs: number): void {
    if (this.#queue.length === 0) this.#passOn();
    else setTimeout(() => this.#passOn(), workedMs * this.#bounds.rest);
  }

  /** Gives the slot to the next task that has not waited too long, or frees it. */
  #passOn(): void {
    const tooEarly = performance.now() - this.#bounds.patienceMs;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      if (next.since >= tooEarly) {
        next.begin();
        return;
      }
      next.shed(overloaded());
    }
    this.#running -= 1;
  }
}
