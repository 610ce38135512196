import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { applyChanges, type Changes } from "../../libs/postbox/tools/scaffold/changes.ts";
import { newAction } from "../../libs/postbox/tools/scaffold/new-action.ts";
import { newEvent } from "../../libs/postbox/tools/scaffold/new-event.ts";
import { newJob } from "../../libs/postbox/tools/scaffold/new-job.ts";
import { newService } from "../../libs/postbox/tools/scaffold/new-service.ts";
import { newVersion } from "../../libs/postbox/tools/scaffold/new-version.ts";
import { oneAtATime } from "../../libs/postbox/tools/scaffold/one-at-a-time.ts";
import { withProgress } from "../terminal/progress.ts";

export const makeService = (name: string) => make(() => newService(projectRoot(), name));

export const makeVersion = (service: string) => make(() => newVersion(projectRoot(), service));

export const makeEvent = (service: string, name: string, targets: readonly string[]) =>
  make(() => newEvent(projectRoot(), { service, name, targets }));

export const makeJob = (service: string, name: string) => make(() => newJob(projectRoot(), service, name));

export const makeAction = (service: string, name: string) => make(() => newAction(projectRoot(), service, name));

/** What is to be made is worked out from what stands there, so nobody else may make something from then on. */
async function make(plan: () => Promise<Changes>): Promise<void> {
  const { made, changed } = await withProgress("Writing", ({ info }) =>
    oneAtATime(projectRoot(), info, async () => applyChanges(projectRoot(), await plan())),
  );
  for (const path of made) console.log(`made     ${path}`);
  for (const path of changed) console.log(`changed  ${path}`);
}
