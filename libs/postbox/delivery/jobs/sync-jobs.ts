import type { Database } from "../../postgres/database.ts";
import type { Job } from "./define-job.ts";
import { nextSlot } from "./slots.ts";

/**
 * Brings the table `job` in step with the code: adds new jobs, begins changed schedules anew, and disables jobs that
 * the code no longer has.
 */
export function syncJobs(database: Database, jobs: readonly Job[]): Promise<void> {
  return database.transaction(async (tx) => {
    // An advisory lock, because a lock on the table could deadlock with a scheduler, which locks a row and then writes.
    await tx.query({ text: "select pg_advisory_xact_lock(hashtext('postbox jobs'))" });
    const { rows } = await tx.query<{ now: Date }>({ text: "select now() as now" });
    const now = rows[0]?.now ?? new Date(0);
    for (const { name, schedule } of jobs)
      await tx.query({
        name: "job-sync",
        text: `insert into job as j (name, schedule, time_zone, run_at, next_slot) values ($1, $2, $3, $4, $5)
          on conflict (name) do update set enabled = true, schedule = excluded.schedule,
            time_zone = excluded.time_zone, run_at = excluded.run_at, updated_at = now(),
            next_slot = case when j.enabled and (j.schedule, j.time_zone, j.run_at)
                is not distinct from (excluded.schedule, excluded.time_zone, excluded.run_at)
              then j.next_slot else excluded.next_slot end`,
        values: [
          name,
          "cron" in schedule ? schedule.cron : null,
          "cron" in schedule ? (schedule.timeZone ?? "UTC") : "UTC",
          "at" in schedule ? schedule.at : null,
          "at" in schedule ? schedule.at : nextSlot(schedule, now),
        ],
      });
    await tx.query({
      text: "update job set enabled = false, updated_at = now() where enabled and name <> all($1::text[])",
      values: [jobs.map(({ name }) => name)],
    });
  });
}
