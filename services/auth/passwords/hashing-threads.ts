import { Worker } from "node:worker_threads";
import type { Options } from "@node-rs/argon2";

/** A password to hash, or to check against a stored hash. */
export type HashingTask =
  | { readonly password: string; readonly parameters: Options }
  | { readonly password: string; readonly stored: string };

/** The hash, or whether the password matches. */
export type HashingAnswer = { readonly value: string | boolean } | { readonly error: string };

/** Threads that have nothing to do. */
const idle: Worker[] = [];

/**
 * Hashes, or checks a hash, on a thread of low priority; one is started when all that there are have work.
 *
 * libuv's own threads would do the work as well, but at the priority of the event loop and of Postgres, and files and
 * host names would wait behind passwords.
 *
 * @throws Error what argon2 says of a hash it cannot read, or that the thread has ended.
 */
export async function onHashingThread(task: HashingTask): Promise<string | boolean> {
  const thread = idle.pop() ?? startThread();
  const answer = await answerOf(thread, task);
  idle.push(thread);
  if ("error" in answer) throw new Error(answer.error);
  return answer.value;
}

/** Ends the threads that have nothing to do: a process that stops would end them one by one, at their low priority. */
export async function endIdleThreads(): Promise<void> {
  await Promise.all(idle.splice(0).map((thread) => thread.terminate()));
}

async function answerOf(thread: Worker, task: HashingTask): Promise<HashingAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HashingAnswer>();
  const ended = (cause: unknown) => reject(new Error("A hashing thread has ended.", { cause }));
  // While it works it keeps the process alive: nobody waits for an answer in vain.
  thread.once("message", resolve).once("exit", ended).ref();
  thread.postMessage(task);
  try {
    return await promise;
  } finally {
    thread.off("exit", ended).unref();
  }
}

function startThread(): Worker {
  const thread = new Worker(new URL("hashing-thread.ts", import.meta.url), { env: {}, name: "hashing" });
  thread.on("error", (error) => process.emitWarning(error));
  // One that dies while it is idle gets no work again.
  thread.once("exit", () => {
    const index = idle.indexOf(thread);
    if (index >= 0) idle.splice(index, 1);
  });
  return thread;
}
