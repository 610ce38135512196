import { backoffMs } from "../../core/backoff/full-jitter.ts";
import { storedError } from "../../core/errors/stored-error.ts";
import type { Database } from "../../postgres/database.ts";
import type { ClaimedRun } from "./claimed-run.ts";

/** The first and the longest wait before a persistent run is repeated, in milliseconds. */
const retryBackoff = { baseMs: 5_000, capMs: 15 * 60_000 };

/** `running` to `done` or `failed`. A persistent job with attempts left gets a time for the next one. */
export async function finishRun(database: Database, { id, job, attempt }: ClaimedRun, error?: Error): Promise<void> {
  const isRepeated = error !== undefined && job.persistent && attempt < job.maxAttempts;
  await database.query({
    name: "job-finish",
    text: `update job_run set status = case when $2::text is null then 'done' else 'failed' end, error_message = $2,
        finished_at = now(), next_attempt_at = now() + $3::int * interval '1 ms'
      where id = $1 and status = 'running' and attempts = $4`,
    values: [
      id,
      error === undefined ? null : storedError(error),
      isRepeated ? backoffMs(attempt, retryBackoff) : null,
      attempt,
    ],
  });
}
