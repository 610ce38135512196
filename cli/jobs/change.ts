import { pauseJob, resumeJob, runJobNow } from "../../libs/postbox/delivery/operations/change-job.ts";
import { actor, withServiceDatabase } from "../service-databases.ts";

const changes = {
  run: { apply: runJobNow, outcome: "runs at the next tick of a scheduler" },
  pause: { apply: pauseJob, outcome: "is paused" },
  resume: { apply: resumeJob, outcome: "goes on" },
} as const;

export type Verb = keyof typeof changes;

export async function change(verb: Verb, service: string, job: string): Promise<void> {
  const { apply, outcome } = changes[verb];
  await withServiceDatabase(service, (database) => apply(database, job, actor()));
  console.log(`Job '${job}' of ${service} ${outcome}.`);
}
