import { readlinkSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { hashSync, verifySync } from "@node-rs/argon2";
import type { HashingAnswer, HashingTask } from "./hashing-threads.ts";

/**
 * Gives this thread the lowest priority, so that a flood of logins takes only the time that the event loop and Postgres
 * leave. Linux alone has priorities by thread. Elsewhere the thread competes like any other.
 */
function standBack(): void {
  try {
    setPriority(Number(readlinkSync("/proc/thread-self").split("/").at(-1)), constants.priority.PRIORITY_LOW);
  } catch {
    // No such file: not Linux.
  }
}

function work({ password, ...task }: HashingTask): HashingAnswer {
  try {
    return { value: "stored" in task ? verifySync(task.stored, password) : hashSync(password, task.parameters) };
  } catch (error) {
    return { error: String(error) };
  }
}

standBack();
parentPort?.on("message", (task: HashingTask) => parentPort?.postMessage(work(task)));
