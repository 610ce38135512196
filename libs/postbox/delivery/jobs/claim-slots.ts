import { v7 as uuidv7 } from "uuid";
import type { Database } from "../../postgres/database.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { ClaimedRun } from "./claimed-run.ts";
import { type Job, latestSlot, nextSlot } from "./define-job.ts";
import { endWhenIdle } from "./end-when-idle.ts";
import { leaseMs } from "./run-lease.ts";

/** Slots of one job that begin at one tick, at most. */
const maxSlots = 20;

/** A slot that is looked at later than this was missed, in milliseconds. */
const missedMs = 60_000;

interface DueJob extends Record<string, unknown> {
  readonly name: string;
  readonly next_slot: Date;
  /** An operator wants a run of this moment, beside the schedule. */
  readonly requested_at: Date | null;
  readonly now: Date;
}

/**
 * Claims the slots that are due. A run is a row with `unique (job, slot)`: however many schedulers tick, one wins. All times are
 * the database's.
 *
 * - `running`: claimed until its lease is over, which its scheduler renews;
 * - `done`, `skipped`: final;
 * - `failed`: final, or run again at `next_attempt_at` if the job is persistent (`claimAgain`).
 */
export function claimSlots(database: Database, jobs: ReadonlyMap<string, Job>): Promise<ClaimedRun[]> {
  return database.transaction(async (tx) => {
    const [{ rows }] = await Promise.all([
      tx.query<DueJob>({
        name: "job-due",
        text: `select name, next_slot, requested_at, now() as now from job
          where enabled and not paused and (next_slot <= now() or requested_at is not null) and name = any($1::text[])
          order by name for update skip locked`,
        values: [[...jobs.keys()]],
      }),
      endWhenIdle(tx),
    ]);
    const claimed: ClaimedRun[] = [];
    for (const row of rows) {
      const job = jobs.get(row.name);
      if (job) claimed.push(...(await claimOf(tx, job, row)));
    }
    return claimed;
  });
}

/** What an operator has asked for runs first, and leaves the slots of the schedule to the next tick. */
async function claimOf(tx: Transaction, job: Job, { next_slot, requested_at, now }: DueJob): Promise<ClaimedRun[]> {
  const runs: ClaimedRun[] = [];
  const oneByOne = job.misfire === "all" && job.overlap === "skip";
  if (oneByOne && (await isBusy(tx, job))) return [];
  const slots = requested_at ? [requested_at] : slotsToRun(job, next_slot, now).slice(0, oneByOne ? 1 : maxSlots);
  for (const slot of slots) {
    const { rows } = await tx.query<{ id: string; status: string }>({
      name: "job-claim-slot",
      text: `insert into job_run (id, job, slot, status, attempts, started_at, lease_until, finished_at)
        select $1, $2, $3, case when busy then 'skipped' else 'running' end, case when busy then 0 else 1 end, now(),
          now() + $4 * interval '1 ms', case when busy then now() end
        from (select not $5 and exists (
          select from job_run where job = $2 and status = 'running' and lease_until > now()) as busy) as overlap
        on conflict (job, slot) do nothing
        returning id, status`,
      values: [uuidv7(), job.name, slot, leaseMs, job.overlap === "allow"],
    });
    const [row] = rows;
    if (row?.status === "running") runs.push({ id: row.id, job, slot, attempt: 1 });
  }
  await tx.query({
    name: "job-next-slot",
    text: "update job set next_slot = $2, requested_at = null where name = $1",
    values: [
      job.name,
      requested_at ? next_slot : nextSlot(job.schedule, (job.misfire === "all" && slots.at(-1)) || now),
    ],
  });
  return runs;
}

async function isBusy(tx: Transaction, job: Job): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: "job-busy",
    text: "select from job_run where job = $1 and status = 'running' and lease_until > now()",
    values: [job.name],
  });
  return rowCount !== 0;
}

/**
 * The slots that the misfire policy lets run, of those from `first`, which is due, up to now. Of the policy `all` it is
 * the oldest of them; the others are still due at the next tick.
 */
export function slotsToRun({ schedule, misfire }: Pick<Job, "schedule" | "misfire">, first: Date, now: Date): Date[] {
  if (misfire === "all") {
    const slots: Date[] = [];
    for (let slot: Date | null = first; slot !== null && slot <= now && slots.length < maxSlots; ) {
      slots.push(slot);
      slot = nextSlot(schedule, slot);
    }
    return slots;
  }
  const latest = latestSlot(schedule, now) ?? first;
  const slot = latest > first ? latest : first;
  return misfire === "once" || now.getTime() - slot.getTime() <= missedMs ? [slot] : [];
}

/**
 * Claims runs of persistent jobs that failed and are due again, or whose scheduler is gone, up to their last attempt;
 * other runs whose scheduler is gone have failed. Of a job whose runs do not overlap it is the oldest, once no other
 * goes on: the job's row is locked first, so that nobody begins one meanwhile.
 */
export async function claimAgain(database: Database, jobs: ReadonlyMap<string, Job>): Promise<ClaimedRun[]> {
  const persistent = [...jobs.values()].filter((job) => job.persistent);
  await database.query({
    name: "job-cut-off",
    text: `update job_run r set status = 'failed', finished_at = now(), next_attempt_at = null,
        error_message = 'The scheduler was gone before the run ended.'
      where status = 'running' and lease_until <= now() and not exists (
        select from unnest($1::text[], $2::int[]) as p (name, max_attempts)
        where p.name = r.job and r.attempts < p.max_attempts)`,
    values: [persistent.map(({ name }) => name), persistent.map(({ maxAttempts }) => maxAttempts)],
  });
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
    if (due.length === 0) return [];
    const names = due.map(({ name }) => name);
    const { rows: claimed } = await tx.query<{ id: string; job: string; slot: Date; attempts: number }>({
      name: "job-claim-again",
      text: `with due as (
          select r.id, j.beside, row_number() over (partition by r.job order by r.slot) as turn,
            exists (select from job_run o
              where o.job = r.job and o.status = 'running' and o.lease_until > now()) as busy
          from unnest($1::text[], $2::bool[]) as j (name, beside)
          join job_run r on r.job = j.name and ${dueAgain})
        update job_run r
        set status = 'running', attempts = r.attempts + 1, started_at = now(), finished_at = null,
          next_attempt_at = null, lease_until = now() + $3 * interval '1 ms'
        from due where r.id = due.id and (due.beside or (due.turn = 1 and not due.busy)) and ${dueAgain}
        returning r.id, r.job, r.slot, r.attempts`,
      values: [names, names.map((name) => jobs.get(name)?.overlap === "allow"), leaseMs],
    });
    return claimed;
  });
  return rows.flatMap(({ id, job: name, slot, attempts }) => {
    const job = jobs.get(name);
    return job ? [{ id, job, slot, attempt: attempts }] : [];
  });
}

/** A run `r` that may be claimed again. Asked once more of a row that was locked: its scheduler may have renewed its lease. */
const dueAgain = `((r.status = 'failed' and r.next_attempt_at <= now())
  or (r.status = 'running' and r.lease_until <= now()))`;
