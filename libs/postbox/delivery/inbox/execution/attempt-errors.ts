/** A handler failed while the batch ran as a whole. The batch does not say which one: running it in groups does. */
export class BatchFailedError extends Error {}

/** Handlers ran over their time, and the transaction is lost. `culprits` are those that are known, by event id. */
export class HandlersTimedOutError extends Error {
  readonly culprits: ReadonlyMap<string, Error>;

  constructor(culprits: ReadonlyMap<string, Error>) {
    super(`${culprits.size} handlers ran over their time.`);
    this.culprits = culprits;
  }
}

export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
