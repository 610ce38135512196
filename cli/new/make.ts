import { applyChanges, type Changes } from "../../libs/scaffold/changes.ts";
import { newAction } from "../../libs/scaffold/new-action.ts";
import { newEvent } from "../../libs/scaffold/new-event.ts";
import { newJob } from "../../libs/scaffold/new-job.ts";
import { newService } from "../../libs/scaffold/new-service.ts";
import { newVersion } from "../../libs/scaffold/new-version.ts";
import { projectRoot } from "../../libs/stack/places.ts";
import { withProgress } from "../terminal/progress.ts";

export const makeService = (name: string) => make(newService(projectRoot, name));

export const makeVersion = (service: string) => make(newVersion(projectRoot, service));

export const makeEvent = (service: string, name: string, targets: readonly string[]) =>
  make(newEvent(projectRoot, { service, name, targets }));

export const makeJob = (service: string, name: string) => make(newJob(projectRoot, service, name));

export const makeAction = (service: string, name: string) => make(newAction(projectRoot, service, name));

async function make(planned: Promise<Changes>): Promise<void> {
  const changes = await planned;
  const { made, changed } = await withProgress("Writing", () => applyChanges(projectRoot, changes));
  for (const path of made) console.log(`made     ${path}`);
  for (const path of changed) console.log(`changed  ${path}`);
}
