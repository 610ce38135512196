import { PostboxError } from "../errors/postbox-error.ts";

/**
 * Runs at most `atOnce` pieces of work together and lets at most `waiting` wait; more are shed, because an answer
 * that comes after the client has gone helps nobody.
 */
export class Bounded {
  readonly #atOnce: number;
  readonly #waiting: number;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(atOnce: number, waiting: number) {
    this.#atOnce = atOnce;
    this.#waiting = waiting;
  }

  /** @throws PostboxError `overloaded` when as many wait already as may. */
  refuseIfFull(): void {
    if (this.#running >= this.#atOnce && this.#queue.length >= this.#waiting)
      throw new PostboxError("overloaded", "Too many passwords are being checked; try again in a second.", {
        retryAfter: 1,
      });
  }

  /** @throws PostboxError `overloaded` as above, and whatever `work` throws. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.refuseIfFull();
    if (this.#running < this.#atOnce) this.#running += 1;
    else await new Promise<void>((turn) => this.#queue.push(turn));
    try {
      return await work();
    } finally {
      // The place passes on to the next in line, or becomes free.
      const next = this.#queue.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
