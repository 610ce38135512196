import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot } from "../../core/project/project-root.ts";
import type { EventDefinition } from "../../delivery/wire/define-event.ts";

const contracts = (): string => join(projectRoot(), "libs");

/** Every event that is defined in `libs/<service>/events.ts`, sorted by subject. */
export async function loadEvents(): Promise<EventDefinition[]> {
  const folders = (await readdir(contracts(), { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const lists = await Promise.all(folders.map(({ name }) => eventsOf(name)));
  return lists.flat().sort((a, b) => (a.subject < b.subject ? -1 : 1));
}

async function eventsOf(folder: string): Promise<EventDefinition[]> {
  const files = await readdir(join(contracts(), folder));
  if (!files.includes("events.ts")) return [];
  const module: Record<string, unknown> = await import(pathToFileURL(join(contracts(), folder, "events.ts")).href);
  return Object.values(module).filter(isEvent);
}

function isEvent(value: unknown): value is EventDefinition {
  return (
    typeof value === "object" && value !== null && "subjectFor" in value && "schema" in value && "targets" in value
  );
}
