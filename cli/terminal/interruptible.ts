import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A command was asked to end before it was done. */
export class Interrupted extends Error {
  override name = "Interrupted";
  /** As a shell reports an end by a signal: 128 and the number of the signal. */
  readonly exitCode: number;

  constructor(signal: (typeof signals)[number]) {
    super(`${signal}: stopped before it was done.`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/**
 * Runs `work` with a signal that aborts, as `Interrupted`, on Ctrl-C and what else asks the process to end: so that it
 * can stop what it started. A second one ends the process at once.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const end = (signal: (typeof signals)[number]) => {
    release();
    ending.abort(new Interrupted(signal));
  };
  const release = () => {
    for (const signal of signals) process.off(signal, end);
  };
  for (const signal of signals) process.on(signal, end);
  try {
    return await work(ending.signal);
  } finally {
    release();
  }
}
