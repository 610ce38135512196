import { backoffMs } from "../../core/backoff/full-jitter.ts";
import { storedError } from "../../core/failures/stored-error.ts";
import type { Database } from "../../postgres/database.ts";
import type { ClaimedRun } from "./claimed-run.ts";

/** The first and the longest wait before a persistent run is repeated, in milliseconds. */
const retryBackoff = { baseMs: 5_000, capMs: 15 * 60_000 };

/** The end of a run that failed. */
export interface FailedEnd {
  readonly status: "failed";
  /** The error as it is stored. */
  readonly error: string;
  /** Milliseconds until the run is repeated; undefined for a run that is not. */
  readonly dueInMs: number | undefined;
}

/** How a run ended. */
export type RunEnd = { readonly status: "done" } | FailedEnd;

/** The end of a run with or without an error. A persistent job with attempts left is repeated. */
export function endOf({ job, attempt }: ClaimedRun, error: Error | undefined): RunEnd {
  if (error === undefined) return { status: "done" };
  const isRepeated = job.persistent && attempt < job.maxAttempts;
  return {
    status: "failed",
    error: storedError(error),
    dueInMs: isRepeated ? backoffMs(attempt, retryBackoff) : undefined,
  };
}

/** `running` to `done` or `failed`. */
export async function finishRun(database: Database, { id, attempt }: ClaimedRun, end: RunEnd): Promise<void> {
  const { error = null, dueInMs = null } = end.status === "failed" ? end : {};
  await database.query({
    name: "job-finish",
    text: `update job_run set status = $5, error_message = $2, finished_at = now(),
        next_attempt_at = now() + $3::int * interval '1 ms'
      where id = $1 and status = 'running' and attempts = $4`,
    values: [id, error, dueInMs, attempt, end.status],
  });
}
