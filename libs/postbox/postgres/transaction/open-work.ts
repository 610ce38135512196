/** Work that somebody has begun and should await. */
export class OpenWork {
  readonly #open = new Set<Promise<unknown>>();

  get isDone(): boolean {
    return this.#open.size === 0;
  }

  /** Begins work and counts it as open until its end. */
  track<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#open.add(promise);
    // Not a listener on the promise itself, which would hide from Node that nobody awaits a rejection.
    const end = <Value>(settle: (value: Value) => void) => {
      return (value: Value) => {
        this.#open.delete(promise);
        settle(value);
      };
    };
    work().then(end(resolve), end(reject));
    return promise;
  }

  /** Keeps what is still open from ending the process as an unhandled rejection. Call it where another error tells of it. */
  disown(): void {
    for (const work of this.#open) work.catch(() => undefined);
  }
}
