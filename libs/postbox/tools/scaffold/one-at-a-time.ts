import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { tryLock } from "../stack/process/lock.ts";

const pollMs = 100;
/** Milliseconds to wait for another process. Making one part takes seconds. */
const maxWaitMs = 120_000;

/**
 * Runs `work` while no other process makes something in the project. Two processes that each add to a list at once would
 * lose one of the additions.
 *
 * @param report receives one line when `work` has to wait.
 * @throws PostboxError `scaffold-failed` if another process does not come to its end.
 */
export async function oneAtATime<T>(root: string, report: (line: string) => void, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + maxWaitMs;
  for (let waiting = false; ; waiting = true) {
    const lock = await tryLock(join(root, ".cache", "scaffold.json"));
    if ("release" in lock)
      try {
        return await work();
      } finally {
        await lock.release();
      }
    const { pid } = lock.holder;
    if (!waiting) report(`process ${pid} is making something; waiting for it`);
    if (Date.now() > deadline)
      throw new PostboxError(
        "scaffold-failed",
        `Process ${pid} has been making something for ${maxWaitMs / 1_000} s, so nothing was made. End it, and look at git status for what it left.`,
      );
    await pause(pollMs);
  }
}
