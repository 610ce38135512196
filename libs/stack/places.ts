import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";

/** The folder of the clone. */
export const projectRoot = resolve(import.meta.dirname, "../..");

/** Where downloads are kept. It outlives a wiped home. */
export const cacheFolder = join(projectRoot, ".cache");

/** The absolute path of `POSTBOX_HOME`; a relative one starts at the clone, not at the caller's folder. */
export function homeFolder(postboxHome: string): string {
  return resolve(projectRoot, postboxHome);
}

/** Makes a folder inside a home and gives its path. */
export async function folder(home: string, ...names: string[]): Promise<string> {
  const path = join(home, ...names);
  await mkdir(path, { recursive: true });
  return path;
}
