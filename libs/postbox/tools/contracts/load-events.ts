import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { TSchema } from "typebox";
import { projectRoot } from "../../core/project/project-root.ts";
import type { EventDefinition } from "../../delivery/wire/define-event.ts";
import type { OpenEvent } from "../../delivery/wire/open-event.ts";
import { type Contract, contractOf } from "./contract.ts";

const contracts = (): string => join(projectRoot(), "libs");

/** Every event that is defined in `libs/<service>/events.ts`, sorted by subject. */
export async function loadEvents(): Promise<EventDefinition[]> {
  return (await exported(isEvent)).sort((a, b) => (a.subject < b.subject ? -1 : 1));
}

/** The contracts of all those events, and of the events of any publisher, as `*.<name>`. */
export async function loadContracts(): Promise<Contract[]> {
  return [...(await loadEvents()), ...(await exported(isOpenEvent)).map(({ fromAny }) => fromAny)].map(contractOf);
}

/** What the files `libs/<service>/events.ts` export of a kind. */
async function exported<Kind>(isOfKind: (value: unknown) => value is Kind): Promise<Kind[]> {
  const folders = (await readdir(contracts(), { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const lists = folders.map(async ({ name }) => {
    if (!(await readdir(join(contracts(), name))).includes("events.ts")) return [];
    const module: Record<string, unknown> = await import(pathToFileURL(join(contracts(), name, "events.ts")).href);
    return Object.values(module).filter(isOfKind);
  });
  return (await Promise.all(lists)).flat();
}

function isOpenEvent(value: unknown): value is OpenEvent<TSchema, string> {
  return typeof value === "object" && value !== null && "fromAny" in value && isEvent(value.fromAny);
}

function isEvent(value: unknown): value is EventDefinition {
  return (
    typeof value === "object" && value !== null && "subjectFor" in value && "schema" in value && "targets" in value
  );
}
