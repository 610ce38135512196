import { setTimeout as delay } from "node:timers/promises";
import { backoffMs } from "../../core/backoff/full-jitter.ts";
import { databaseFault } from "./fault.ts";
import { sqlState } from "./sql-state.ts";

export interface WaitOptions {
  /** Ends the wait, with the last error. */
  readonly signal: AbortSignal;
  /** Called with the error of each try that failed. */
  readonly onWait: (error: unknown) => void;
}

/**
 * Repeats `work` until its database is there: until the server runs, has a connection to spare and takes writes.
 *
 * @throws what no wait mends: a wrong password, a database that does not exist, an error of `work` itself.
 */
export async function untilAvailable<T>(work: () => Promise<T>, { signal, onWait }: WaitOptions): Promise<T> {
  for (let failures = 1; ; failures++)
    try {
      return await work();
    } catch (error) {
      if (databaseFault(error) === undefined || isMisconfigured(error) || signal.aborted) throw error;
      onWait(error);
      const ms = 200 + backoffMs(failures, { baseMs: 200, capMs: 3_000 });
      await delay(ms, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw error;
    }
}

/** The server refuses this user (28), or has no such database (3D). */
const isMisconfigured = (error: unknown): boolean => /^(28|3D)/.test(sqlState(error) ?? "");
