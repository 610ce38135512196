import { v7 as uuidv7 } from "uuid";
import type { Database } from "../../postgres/database.ts";
import { type Columns, columnList } from "../../postgres/transaction/columns.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { ClaimedRun } from "./claimed-run.ts";
import type { Job } from "./define-job.ts";
import { endWhenIdle } from "./end-when-idle.ts";
import { leaseMs } from "./run-lease.ts";
import { maxSlots, nextSlot, slotsToRun } from "./slots.ts";

/** A job with a slot that is due, or a run that an operator has asked for. */
interface DueJob {
  readonly name: string;
  readonly next_slot: Date;
  /** An operator has asked for a run at this moment, beside the schedule. */
  readonly requested_at: Date | null;
  readonly now: Date;
}

const columns: Columns<DueJob> = { name: "name", next_slot: "next_slot", requested_at: "requested_at", now: "now()" };

/**
 * Claims a run for each slot that is due. A run is a row that is unique by (job, slot): of all schedulers that tick,
 * one inserts it. All times are the database's.
 *
 * The states of a run:
 *
 * - `running`: one scheduler executes the run and renews its lease.
 * - `done`: the handler has ended without an error; this state is final.
 * - `skipped`: an earlier run of the job was still running; this state is final.
 * - `failed`: the handler failed or its scheduler was gone; a persistent run is claimed again (`claimAgain`).
 */
export function claimSlots(database: Database, jobs: ReadonlyMap<string, Job>): Promise<ClaimedRun[]> {
  return database.transaction(async (tx) => {
    const [{ rows }] = await Promise.all([
      tx.query<DueJob>({
        name: "job-due",
        text: `select ${columnList(columns)} from job
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

/** A run that an operator has asked for goes first; slots of the schedule are left to the next tick. */
async function claimOf(tx: Transaction, job: Job, { next_slot, requested_at, now }: DueJob): Promise<ClaimedRun[]> {
  const runs: ClaimedRun[] = [];
  const oneByOne = job.misfire === "all" && job.overlap === "skip";
  if (oneByOne && (await isRunning(tx, job))) return [];
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

async function isRunning(tx: Transaction, job: Job): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: "job-running",
    text: "select from job_run where job = $1 and status = 'running' and lease_until > now()",
    values: [job.name],
  });
  return rowCount !== 0;
}
