import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PostboxError } from "../errors/postbox-error.ts";
import { identify, isAlive, type ProcessIdentity } from "./process-identity.ts";

const lockFile = (home: string) => join(home, "supervisor.json");

/**
 * Makes this process the only one that runs a stack in this home. A lock whose holder is dead is void.
 *
 * @returns gives it up
 * @throws PostboxError `stack-running`
 */
export async function lockHome(home: string): Promise<() => Promise<void>> {
  await mkdir(home, { recursive: true });
  const lock = lockFile(home);
  const own = `${lock}.${randomUUID()}`;
  await writeFile(own, JSON.stringify(await identify(process.pid)));
  try {
    while (!(await linked(own, lock))) {
      const holder = await homeHolder(home);
      if (holder)
        throw new PostboxError(
          "stack-running",
          `A stack is running in ${home} already, as process ${holder.pid}. Stop it first, or set POSTBOX_HOME, PORT and METRICS_PORT to run another beside it.`,
        );
      await removeVoid(lock);
    }
  } finally {
    await rm(own);
  }
  return () => rm(lock, { force: true });
}

/** The process that runs a stack in this home now. */
export async function homeHolder(home: string): Promise<ProcessIdentity | undefined> {
  const holder = await read(lockFile(home));
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

/** Between the look and the removal another start may have taken the lock; then it gets it back. */
async function removeVoid(lock: string): Promise<void> {
  const removed = `${lock}.${randomUUID()}`;
  try {
    await rename(lock, removed);
  } catch {
    return;
  }
  const holder = await read(removed);
  if (holder && (await isAlive(holder))) await linked(removed, lock);
  await rm(removed);
}

async function read(path: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}
