import { v7 as uuidv7 } from "uuid";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { Actor } from "./dead-letters.ts";

/** A job as it stands, with its latest run. */
export interface JobState extends Record<string, unknown> {
  readonly name: string;
  /** Cron pattern; null for a job that runs once. */
  readonly schedule: string | null;
  readonly time_zone: string;
  readonly state: "waiting" | "paused" | "not in code any more";
  readonly next_slot: Date | null;
  readonly last_slot: Date | null;
  readonly last_status: string | null;
  readonly error_message: string | null;
}

/** The jobs of a service, by name. */
export async function listJobs(database: Database): Promise<JobState[]> {
  const { rows } = await database.query<JobState>({
    text: `select j.name, j.schedule, j.time_zone, j.next_slot,
        case when not j.enabled then 'not in code any more' when j.paused then 'paused' else 'waiting' end as state,
        r.slot as last_slot, r.status as last_status, r.error_message
      from job j left join lateral (select * from job_run where job = j.name order by slot desc limit 1) r on true
      order by j.name`,
  });
  return rows;
}

/** The latest runs of one job, newest first. */
export async function listRuns(database: Database, job: string, limit: number): Promise<Record<string, unknown>[]> {
  await jobNamed(database, job);
  const { rows } = await database.query({
    text: `select slot, status, attempts, started_at, finished_at, next_attempt_at, error_message
      from job_run where job = $1 order by slot desc limit $2`,
    values: [job, limit],
  });
  return rows;
}

/** Lets no further run begin, until it is resumed. Slots that pass meanwhile fall under the job's misfire policy. */
export function pauseJob(database: Database, job: string, actor: Actor): Promise<void> {
  return change(database, job, actor, "pause", "update job set paused = true where name = $1");
}

export function resumeJob(database: Database, job: string, actor: Actor): Promise<void> {
  return change(database, job, actor, "resume", "update job set paused = false where name = $1");
}

/** Makes a slot of this moment, which the next tick of a scheduler runs; the schedule goes on as it stands. */
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
