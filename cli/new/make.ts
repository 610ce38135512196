import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { notKnown } from "../../libs/postbox/core/spelling/near-miss.ts";
import type { EventDefinition } from "../../libs/postbox/delivery/wire/define-event.ts";
import { loadEvents } from "../../libs/postbox/tools/contracts/load-events.ts";
import type { ScaffoldAccess } from "../../libs/postbox/tools/scaffold/action-parts.ts";
import { applyChanges, type Changes } from "../../libs/postbox/tools/scaffold/changes.ts";
import { readField } from "../../libs/postbox/tools/scaffold/field.ts";
import { newAction } from "../../libs/postbox/tools/scaffold/new-action.ts";
import { newEvent } from "../../libs/postbox/tools/scaffold/new-event.ts";
import { newHandler } from "../../libs/postbox/tools/scaffold/new-handler.ts";
import { newJob } from "../../libs/postbox/tools/scaffold/new-job.ts";
import { newModel } from "../../libs/postbox/tools/scaffold/new-model.ts";
import { newService } from "../../libs/postbox/tools/scaffold/new-service.ts";
import { newVersion } from "../../libs/postbox/tools/scaffold/new-version.ts";
import { oneAtATime } from "../../libs/postbox/tools/scaffold/one-at-a-time.ts";
import { UsageError } from "../run.ts";
import { withProgress } from "../terminal/progress.ts";

export const makeService = (name: string) => make(() => newService(projectRoot(), name));

export const makeVersion = (service: string, latest: boolean) => make(() => newVersion(projectRoot(), service, latest));

export interface EventFlags {
  readonly to: readonly string[];
  readonly field?: readonly string[];
  readonly key?: string;
}

export const makeEvent = (service: string, name: string, { to, field = [], key }: EventFlags) =>
  make(() => newEvent(projectRoot(), { service, name, targets: to, fields: field.map(readField), key }));

export const makeHandler = (service: string, subject: string) =>
  make(async () => newHandler(projectRoot(), service, await eventOf(subject)));

export const makeModel = (service: string, name: string, field: readonly string[] = []) =>
  make(() => newModel(projectRoot(), service, name, field.map(readField)));

export const makeJob = (service: string, name: string) => make(() => newJob(projectRoot(), service, name));

export interface ActionFlags {
  readonly rest?: string;
  readonly access?: ScaffoldAccess;
}

export const makeAction = (service: string, name: string, flags: ActionFlags) =>
  make(() => newAction(projectRoot(), service, name, flags));

async function eventOf(subject: string): Promise<EventDefinition> {
  const events = await loadEvents();
  const found = events.find((event) => event.subject === subject);
  if (!found)
    throw new UsageError(
      notKnown(
        subject,
        "an event",
        events.map((event) => event.subject),
      ),
    );
  return found;
}

/** What is to be made is worked out from what stands there, so nobody else may make something from then on. */
async function make(plan: () => Promise<Changes>): Promise<void> {
  const { made, changed, next } = await withProgress("Writing", ({ info }) =>
    oneAtATime(projectRoot(), info, async () => applyChanges(projectRoot(), await plan())),
  );
  for (const path of made) console.log(`made     ${path}`);
  for (const path of changed) console.log(`changed  ${path}`);
  console.log("\nNext:");
  for (const line of next) console.log(`- ${line}`);
}
