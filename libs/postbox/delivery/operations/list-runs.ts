import type { Database } from "../../postgres/database.ts";
import { type Columns, columnList } from "../../postgres/transaction/columns.ts";
import { findJob } from "./find-job.ts";

/** A run of a job as it is listed. */
export interface RunState {
  readonly slot: Date;
  readonly status: string;
  readonly attempts: number;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly next_attempt_at: Date | null;
  readonly error_message: string | null;
}

const columns: Columns<RunState> = {
  slot: "slot",
  status: "status",
  attempts: "attempts",
  started_at: "started_at",
  finished_at: "finished_at",
  next_attempt_at: "next_attempt_at",
  error_message: "error_message",
};

/**
 * The latest runs of a job, newest first.
 *
 * @throws PostboxError `job-not-found`.
 */
export async function listRuns(database: Database, job: string, limit: number): Promise<RunState[]> {
  await findJob(database, job);
  const { rows } = await database.query<RunState>({
    text: `select ${columnList(columns)} from job_run where job = $1 order by slot desc limit $2`,
    values: [job, limit],
  });
  return rows;
}
