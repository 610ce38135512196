/** A lock in this process: many pieces of work share it, or a single one has it exclusively. */
export class SharedLock {
  readonly #sharing = new Set<Promise<unknown>>();
  /** Resolves when the exclusive work that runs, or waits to run, has ended. */
  #exclusive: Promise<void> | undefined;

  /** Runs beside other shared work, once no exclusive work runs or waits. */
  async shared<T>(work: () => Promise<T>): Promise<T> {
    while (this.#exclusive) await this.#exclusive;
    const running = work();
    this.#sharing.add(running);
    try {
      return await running;
    } finally {
      this.#sharing.delete(running);
    }
  }

  /** Runs with nothing beside it, once all shared work has ended; later work waits. For one caller at a time. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    const ended = Promise.withResolvers<void>();
    this.#exclusive = ended.promise;
    try {
      await Promise.allSettled(this.#sharing);
      return await work();
    } finally {
      this.#exclusive = undefined;
      ended.resolve();
    }
  }
}
