import { readdir } from "node:fs/promises";
import type { EventHandler } from "../inbox/handler.ts";

const services = new URL("../../services/", import.meta.url);

/** The subjects that each service handles, by its `events.ts`. */
export async function loadHandlers(): Promise<Map<string, ReadonlySet<string>>> {
  const folders = (await readdir(services, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const pairs = folders.map(async ({ name }): Promise<[string, ReadonlySet<string>]> => {
    const files = await readdir(new URL(`${name}/`, services));
    if (!files.includes("events.ts")) return [name, new Set()];
    const module: { handlers?: readonly EventHandler[] } = await import(new URL(`${name}/events.ts`, services).href);
    return [name, new Set(module.handlers?.map(({ event }) => event.subject))];
  });
  return new Map(await Promise.all(pairs));
}
