import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";
import { findJob } from "./find-job.ts";
import { type Actor, recordActions } from "./record-actions.ts";

/**
 * Lets no further run of a job begin until it is resumed. Slots that pass meanwhile fall under the job's misfire
 * policy.
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
    const { paused, enabled } = await findJob(tx, job);
    if (verb === "run" && (paused || !enabled))
      throw new PostboxError(
        "job-state",
        `Job '${job}' is ${enabled ? "paused; resume it first" : "not in code any more; no scheduler would run it"}.`,
      );
    await tx.query({ text, values: [job] });
    await recordActions(tx, { actor, action: `job.${verb}`, subjects: [job] });
  });
}
