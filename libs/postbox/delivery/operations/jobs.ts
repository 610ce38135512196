import { v7 as uuidv7 } from "uuid";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";
import { type Columns, columnList } from "../../postgres/transaction/columns.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { Actor } from "./dead-letters.ts";

/** A job and its latest run. */
export interface JobState {
  readonly name: string;
  /** The cron pattern; null for a job that runs once. */
  readonly schedule: string | null;
  readonly time_zone: string;
  readonly state: "waiting" | "paused" | "not in code any more";
  readonly next_slot: Date | null;
  readonly last_slot: Date | null;
  readonly last_status: string | null;
  readonly error_message: string | null;
}

const stateColumns: Columns<JobState> = {
  name: "j.name",
  schedule: "j.schedule",
  time_zone: "j.time_zone",
  next_slot: "j.next_slot",
  state: "case when not j.enabled then 'not in code any more' when j.paused then 'paused' else 'waiting' end",
  last_slot: "r.slot",
  last_status: "r.status",
  error_message: "r.error_message",
};

/** The jobs of a service, by name. */
export async function listJobs(database: Database): Promise<JobState[]> {
  const { rows } = await database.query<JobState>({
    text: `select ${columnList(stateColumns)}
      from job j
      left join lateral (
        select slot, status, error_message from job_run where job = j.name order by slot desc limit 1) r on true
      order by j.name`,
  });
  return rows;
}

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

const runColumns: Columns<RunState> = {
  slot: "slot",
  status: "status",
  attempts: "attempts",
  started_at: "started_at",
  finished_at: "finished_at",
  next_attempt_at: "next_attempt_at",
  error_message: "error_message",
};

/** The latest runs of a job, newest first. @throws PostboxError `job-not-found`. */
export async function listRuns(database: Database, job: string, limit: number): Promise<RunState[]> {
  await jobNamed(database, job);
  const { rows } = await database.query<RunState>({
    text: `select ${columnList(runColumns)} from job_run where job = $1 order by slot desc limit $2`,
    values: [job, limit],
  });
  return rows;
}

/**
 * Lets no further run of a job begin until it is resumed. Slots that pass meanwhile fall under the job's misfire policy.
 *
 * @throws PostboxError `job-not-found`.
 */
export function pauseJob(database: Database, job: string, actor: Actor): Promise<void> {
  return change(database, job, actor, "pause", "update job set paused = true where name = $1");
}

/** Lets runs of a paused job begin again. @throws PostboxError `job-not-found`. */
export function resumeJob(database: Database, job: string, actor: Actor): Promise<void> {
  return change(database, job, actor, "resume", "update job set paused = false where name = $1");
}

/**
 * Has a scheduler run a job at its next tick, beside the schedule.
 *
 * @throws PostboxError `job-not-found`; `job-state` for a job that is paused or not in the code any more.
 */
export function runJobNow(database: Database, job: string, actor: Actor): Promise<void> {
  return change(database, job, actor, "run", "update job set requested_at = now() where name = $1");
}

async function change(database: Database, job: string, actor: Actor, verb: string, text: string): Promise<void> {
  await database.transaction(async (tx) => {
    const { paused, enabled } = await jobNamed(tx, job);
    if (verb === "run" && (paused || !enabled))
      throw new PostboxError(
        "job-state",
        `Job '${job}' is ${enabled ? "paused; resume it first" : "not in code any more; no scheduler would run it"}.`,
      );
    await tx.query({ text, values: [job] });
    await tx.query({
      text: "insert into operator_action (id, actor, action, subject) values ($1, $2, $3, $4)",
      values: [uuidv7(), actor, `job.${verb}`, job],
    });
  });
}

async function jobNamed(
  database: Pick<Transaction, "query">,
  name: string,
): Promise<{ paused: boolean; enabled: boolean }> {
  const { rows } = await database.query<{ name: string; paused: boolean; enabled: boolean }>({
    text: "select name, paused, enabled from job order by name",
  });
  const job = rows.find((row) => row.name === name);
  if (!job)
    throw new PostboxError(
      "job-not-found",
      `This service has no job '${name}'. It has: ${rows.map((row) => row.name).join(", ") || "none"}.`,
    );
  return job;
}
