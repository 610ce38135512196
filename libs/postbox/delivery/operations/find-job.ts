import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Queryable } from "../../postgres/transaction/queryable.ts";

interface NamedJob {
  readonly name: string;
  readonly paused: boolean;
  readonly enabled: boolean;
}

/** One job of a service. @throws PostboxError `job-not-found`, which names the jobs that there are. */
export async function findJob(database: Queryable, name: string): Promise<NamedJob> {
  const { rows } = await database.query<NamedJob>({ text: "select name, paused, enabled from job order by name" });
  const job = rows.find((row) => row.name === name);
  if (!job)
    throw new PostboxError(
      "job-not-found",
      `This service has no job '${name}'. It has: ${rows.map((row) => row.name).join(", ") || "none"}.`,
    );
  return job;
}
