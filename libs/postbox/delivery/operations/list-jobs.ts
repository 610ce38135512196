import type { Database } from "../../postgres/database.ts";
import { type Columns, columnList } from "../../postgres/transaction/columns.ts";

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

const columns: Columns<JobState> = {
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
    text: `select ${columnList(columns)}
      from job j
      left join lateral (
        select slot, status, error_message from job_run where job = j.name order by slot desc limit 1) r on true
      order by j.name`,
  });
  return rows;
}
