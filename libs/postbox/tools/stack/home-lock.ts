import { join } from "node:path";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { ProcessIdentity } from "./process/identity.ts";
import { holderOf, tryLock } from "./process/lock.ts";

const lockFile = (home: string) => join(home, "supervisor.json");

/**
 * Makes this process the only one that runs a stack in this home.
 *
 * @returns gives it up
 * @throws PostboxError `stack-running`
 */
export async function lockHome(home: string): Promise<() => Promise<void>> {
  const lock = await tryLock(lockFile(home));
  if ("release" in lock) return lock.release;
  throw new PostboxError(
    "stack-running",
    `A stack is running in ${home} already, as process ${lock.holder.pid}. Stop it first, or set POSTBOX_HOME, PORT and METRICS_PORT to run another beside it.`,
  );
}

/** The process that runs a stack in this home now. */
export function homeHolder(home: string): Promise<ProcessIdentity | undefined> {
  return holderOf(lockFile(home));
}
