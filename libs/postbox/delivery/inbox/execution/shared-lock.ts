/** Lets work run side by side, or one piece of it with none of the rest beside it. */
export class SharedLock {
  readonly #shared = new Set<Promise<unknown>>();
  /** Ends with the piece that runs alone, or waits to. */
  #alone: Promise<void> | undefined;

  /** Runs beside others, once nothing runs alone or waits to. */
  async shared<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone) await this.#alone;
    const running = work();
    this.#shared.add(running);
    try {
      return await running;
    } finally {
      this.#shared.delete(running);
    }
  }

  /** Runs with nothing beside it, once all that runs has ended; what comes meanwhile waits. For one caller at a time. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const over = Promise.withResolvers<void>();
    this.#alone = over.promise;
    try {
      await Promise.allSettled(this.#shared);
      return await work();
    } finally {
      this.#alone = undefined;
      over.resolve();
    }
  }
}
