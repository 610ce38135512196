import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot } from "../../core/project/project-root.ts";
import { serviceNames } from "../../core/project/service-names.ts";

/** What services have for a person to open, by its label: paths at the gateway, as `services/<service>/pages.ts` says. */
export async function servicePages(): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const service of serviceNames()) {
    const path = join(projectRoot(), "services", service, "pages.ts");
    if (!existsSync(path)) continue;
    const { pages }: { pages?: () => Readonly<Record<string, string>> } = await import(pathToFileURL(path).href);
    Object.assign(all, pages?.());
  }
  return all;
}
