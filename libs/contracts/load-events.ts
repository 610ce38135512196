import { readdir } from "node:fs/promises";
import type { EventDefinition } from "../events/define-event.ts";

const libs = new URL("../", import.meta.url);

/** Every event that is defined in `libs/<service>/events.ts`, sorted by subject. */
export async function loadEvents(): Promise<EventDefinition[]> {
  const folders = (await readdir(libs, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const lists = await Promise.all(folders.map(({ name }) => eventsOf(name)));
  return lists.flat().sort((a, b) => (a.subject < b.subject ? -1 : 1));
}

async function eventsOf(folder: string): Promise<EventDefinition[]> {
  const files = await readdir(new URL(`${folder}/`, libs));
  if (!files.includes("events.ts")) return [];
  const module: Record<string, unknown> = await import(new URL(`${folder}/events.ts`, libs).href);
  return Object.values(module).filter(isEvent);
}

function isEvent(value: unknown): value is EventDefinition {
  return (
    typeof value === "object" && value !== null && "subjectFor" in value && "schema" in value && "targets" in value
  );
}
