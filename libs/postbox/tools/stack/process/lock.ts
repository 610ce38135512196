import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { identify, isAlive, type ProcessIdentity } from "./identity.ts";

/** What gives a lock up, or who has it. */
export type Lock = { readonly release: () => Promise<void> } | { readonly holder: ProcessIdentity };

/**
 * Takes a lock that one process can have at a time: a file of this path with its identity, made by a hard link. A lock
 * whose holder is dead is void.
 */
export async function tryLock(path: string): Promise<Lock> {
  await mkdir(dirname(path), { recursive: true });
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, JSON.stringify(await identify(process.pid)));
  try {
    while (!(await linked(own, path))) {
      const holder = await holderOf(path);
      if (holder) return { holder };
      await removeVoid(path);
    }
  } finally {
    await rm(own);
  }
  return { release: () => rm(path, { force: true }) };
}

/** The process that has the lock now. */
export async function holderOf(path: string): Promise<ProcessIdentity | undefined> {
  const holder = await read(path);
  return holder && (await isAlive(holder)) ? holder : undefined;
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Another process may take the lock between the check and the removal. That process gets its lock back. */
async function removeVoid(path: string): Promise<void> {
  const removed = `${path}.${randomUUID()}`;
  try {
    await rename(path, removed);
  } catch {
    return;
  }
  const holder = await read(removed);
  if (holder && (await isAlive(holder))) await linked(removed, path);
  await rm(removed);
}

async function read(path: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}
