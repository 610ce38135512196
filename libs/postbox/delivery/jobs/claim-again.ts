import type { Database } from "../../postgres/database.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { ClaimedRun } from "./claimed-run.ts";
import type { Job } from "./define-job.ts";
import { endWhenIdle } from "./end-when-idle.ts";
import { leaseMs } from "./run-lease.ts";

/**
 * Claims runs of persistent jobs again: those that failed and are due, and those whose lease is over because their
 * scheduler is gone. Any other run whose lease is over becomes `failed`.
 *
 * Of a job whose runs must not overlap, the oldest run is claimed once no other is running. The job's row is locked
 * first, so that no scheduler begins a run of it meanwhile.
 */
export async function claimAgain(database: Database, jobs: ReadonlyMap<string, Job>): Promise<ClaimedRun[]> {
  const persistent = [...jobs.values()].filter((job) => job.persistent);
  await failAbandoned(database, persistent);
  const rows = await database.transaction(async (tx) => {
    const [{ rows: due }] = await Promise.all([
      tx.query<{ name: string }>({
        name: "job-due-again",
        text: `select j.name from job j
          where j.enabled and not j.paused and j.name = any($1::text[])
            and exists (select from job_run r where r.job = j.name and ${dueAgain})
          order by j.name for update skip locked`,
        values: [persistent.map(({ name }) => name)],
      }),
      endWhenIdle(tx),
    ]);
    const names = due.map(({ name }) => name);
    return names.length === 0 ? [] : claimRuns(tx, names, jobs);
  });
  return rows.flatMap(({ id, job: name, slot, attempts }) => {
    const job = jobs.get(name);
    return job ? [{ id, job, slot, attempt: attempts }] : [];
  });
}

/** `running` to `failed`, for good: the scheduler is gone, and the run has no attempt left. */
async function failAbandoned(database: Database, persistent: readonly Job[]): Promise<void> {
  await database.query({
    name: "job-fail-abandoned",
    text: `update job_run r set status = 'failed', finished_at = now(), next_attempt_at = null,
        error_message = 'The scheduler was gone before the run ended.'
      where status = 'running' and lease_until <= now() and not exists (
        select from unnest($1::text[], $2::int[]) as p (name, max_attempts)
        where p.name = r.job and r.attempts < p.max_attempts)`,
    values: [persistent.map(({ name }) => name), persistent.map(({ maxAttempts }) => maxAttempts)],
  });
}

interface ClaimedRow {
  readonly id: string;
  readonly job: string;
  readonly slot: Date;
  readonly attempts: number;
}

async function claimRuns(
  tx: Transaction,
  names: readonly string[],
  jobs: ReadonlyMap<string, Job>,
): Promise<ClaimedRow[]> {
  const { rows } = await tx.query<ClaimedRow>({
    name: "job-claim-again",
    text: `with due as (
        select r.id, j.may_overlap, row_number() over (partition by r.job order by r.slot) as turn,
          exists (select from job_run o
            where o.job = r.job and o.status = 'running' and o.lease_until > now()) as busy
        from unnest($1::text[], $2::bool[]) as j (name, may_overlap)
        join job_run r on r.job = j.name and ${dueAgain})
      update job_run r
      set status = 'running', attempts = r.attempts + 1, started_at = now(), finished_at = null,
        next_attempt_at = null, lease_until = now() + $3 * interval '1 ms'
      from due where r.id = due.id and (due.may_overlap or (due.turn = 1 and not due.busy)) and ${dueAgain}
      returning r.id, r.job, r.slot, r.attempts`,
    values: [names, names.map((name) => jobs.get(name)?.overlap === "allow"), leaseMs],
  });
  return rows;
}

/**
 * SQL: the run `r` may be claimed again. The claiming update repeats this condition, because it may have waited for a
 * row whose scheduler has renewed its lease meanwhile.
 */
const dueAgain = `((r.status = 'failed' and r.next_attempt_at <= now())
  or (r.status = 'running' and r.lease_until <= now()))`;
