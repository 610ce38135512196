import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot } from "../../core/project/project-root.ts";
import type { EventHandler } from "../../delivery/inbox/handlers/handler.ts";
import { openSubject } from "../../delivery/wire/open-event.ts";

const services = (): string => join(projectRoot(), "services");

/** Whether a service that handles these subjects handles an event, by a handler of its own or by one for any publisher. */
export const handles = (subjects: ReadonlySet<string> | undefined, subject: string): boolean =>
  subjects?.has(subject) === true || subjects?.has(openSubject(subject)) === true;

/** The subjects that each service handles, by its `events.ts`. */
export async function loadHandlers(): Promise<Map<string, ReadonlySet<string>>> {
  const folders = (await readdir(services(), { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const pairs = folders.map(async ({ name }): Promise<[string, ReadonlySet<string>]> => {
    const files = await readdir(join(services(), name));
    if (!files.includes("events.ts")) return [name, new Set()];
    const module: { handlers?: readonly EventHandler<never>[] } = await import(
      pathToFileURL(join(services(), name, "events.ts")).href
    );
    return [name, new Set(module.handlers?.map(({ event }) => event.subject))];
  });
  return new Map(await Promise.all(pairs));
}
