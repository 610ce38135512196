import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { projectRoot } from "../../../core/project/project-root.ts";

/** Where downloads are kept, inside the project. It outlives a wiped home. */
export const cacheFolder = (): string => join(projectRoot(), ".cache");

/** The absolute path of `POSTBOX_HOME`; a relative one starts at the project, not at the caller's folder. */
export function homeFolder(postboxHome: string): string {
  return resolve(projectRoot(), postboxHome);
}

/** Makes a folder inside a home and gives its path. */
export async function folder(home: string, ...names: string[]): Promise<string> {
  const path = join(home, ...names);
  await mkdir(path, { recursive: true });
  return path;
}
