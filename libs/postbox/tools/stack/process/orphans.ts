import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { endOrphan, type ProcessRecord } from "./child.ts";
import { isAlive } from "./identity.ts";

/**
 * Ends the processes that an earlier run of this home left running when it was killed: the services first, then the
 * servers. A process is known by its id and its moment of start, so that no process of somebody else is touched.
 *
 * @returns the names of the processes that were still running
 */
export async function endOrphans(home: string): Promise<string[]> {
  const records = await readRecords(join(home, "processes"));
  const orphans: ProcessRecord[] = [];
  for (const one of records) if (await isAlive(one)) orphans.push(one);
  const stack = new Set(["postgres", "nats"]);
  await Promise.all(orphans.filter(({ name }) => !stack.has(name)).map(endOrphan));
  await Promise.all(orphans.filter(({ name }) => stack.has(name)).map(endOrphan));
  await rm(join(home, "processes"), { recursive: true, force: true });
  return orphans.map(({ name }) => name);
}

async function readRecords(folder: string): Promise<ProcessRecord[]> {
  const names = await readdir(folder).catch(() => []);
  const read = names.map(async (name): Promise<ProcessRecord[]> => {
    try {
      return [JSON.parse(await readFile(join(folder, name), "utf8"))];
    } catch {
      // Its writer was killed halfway: nothing can be known of the process.
      return [];
    }
  });
  return (await Promise.all(read)).flat();
}
