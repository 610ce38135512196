import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { tryLock } from "../stack/process/lock.ts";

const pollMs = 100;
/** Making one part takes seconds. */
const patienceMs = 120_000;

/**
 * Runs `work` while no other process makes something in the project of this root: two that read a list and write it
 * with one more would leave one of both.
 *
 * @param report hears one line when it has to wait.
 * @throws PostboxError `scaffold-failed` if another process does not come to its end.
 */
export async function oneAtATime<T>(root: string, report: (line: string) => void, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + patienceMs;
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
        `Process ${pid} has been making something for ${patienceMs / 1_000} s, so nothing was made. End it, and look at git status for what it left.`,
      );
    await pause(pollMs);
  }
}
