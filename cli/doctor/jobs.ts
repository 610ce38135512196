import { headlineOf } from "../../libs/postbox/core/failures/stored-error.ts";
import type { DatabaseOptions } from "../../libs/postbox/postgres/connection/database-options.ts";
import { Database } from "../../libs/postbox/postgres/database.ts";
import { type Finding, finding, ok, warning } from "./finding.ts";

/** Seconds after its slot from which on a job is overdue: a scheduler begins what is due within a second or two. */
const overdueSeconds = 60;

interface JobHealth {
  readonly name: string;
  readonly overdue: boolean;
  /** The error of the latest run that has ended; null if the run is done. */
  readonly error: string | null;
}

/**
 * Whether the jobs of a service do their work: the latest run of each has not failed, and none is overdue.
 *
 * @param isRunning whether services run at all. If none does, every job is overdue and none is told of.
 */
export function checkJobs(service: string, options: DatabaseOptions, isRunning: boolean): Promise<Finding> {
  const check = `jobs ${service}`;
  return finding(check, "Run postbox migrate up, then look again.", async () => {
    const database = new Database({ ...options, poolSize: 1, applicationName: "postbox-cli" }).as("job");
    try {
      const { rows } = await database.query<JobHealth & Record<string, unknown>>({
        text: `select j.name, j.next_slot is not null and j.next_slot < now() - $1 * interval '1 second' as overdue,
            case r.status when 'failed' then coalesce(r.error_message, 'no reason') end as error
          from job j
          left join lateral (
            select status, error_message from job_run where job = j.name and status in ('done', 'failed')
            order by slot desc limit 1) r on true
          where j.enabled and not j.paused order by j.name`,
        values: [overdueSeconds],
      });
      return findingOf(check, service, rows, isRunning);
    } finally {
      await database.close();
    }
  });
}

function findingOf(check: string, service: string, jobs: readonly JobHealth[], isRunning: boolean): Finding {
  const failing = jobs.filter(({ error }) => error !== null);
  const [first] = failing;
  if (first)
    return warning(
      check,
      `the latest run has failed of ${failing.map(({ name }) => name).join(", ")}; ${first.name}: ${headlineOf(first.error ?? "")}`,
      `See the runs with their stack frames: postbox jobs runs ${service} ${first.name}.`,
    );
  const overdue = isRunning ? jobs.filter((job) => job.overdue) : [];
  if (overdue.length > 0)
    return warning(
      check,
      `overdue for more than ${overdueSeconds} s: ${overdue.map(({ name }) => name).join(", ")}`,
      `See that ${service}.scheduler runs, and what its log says.`,
    );
  return ok(check, jobs.length === 0 ? "no job is known yet" : "the latest run of each job is done");
}
