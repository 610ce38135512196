import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { endStray, type ProcessRecord } from "./child.ts";
import { isAlive } from "./identity.ts";

/**
 * Ends the processes that an earlier run of this home left running when it was killed: the services first, then what
 * they stand on. A process is known by its id and its moment of start, so that no stranger's is touched.
 *
 * @returns the names of those that were still running
 */
export async function endOrphans(home: string): Promise<string[]> {
  const records = await readRecords(join(home, "processes"));
  const strays: ProcessRecord[] = [];
  for (const one of records) if (await isAlive(one)) strays.push(one);
  const stack = new Set(["postgres", "nats"]);
  await Promise.all(strays.filter(({ name }) => !stack.has(name)).map(endStray));
  await Promise.all(strays.filter(({ name }) => stack.has(name)).map(endStray));
  await rm(join(home, "processes"), { recursive: true, force: true });
  return strays.map(({ name }) => name);
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
