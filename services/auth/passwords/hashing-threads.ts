import { Worker } from "node:worker_threads";
import type { Options } from "@node-rs/argon2";

/** A password to hash, or to check against a stored hash. */
export type HashingTask =
  | { readonly password: string; readonly parameters: Options }
  | { readonly password: string; readonly stored: string };

/** The hash, or whether the password matches. */
export type HashingAnswer = { readonly value: string | boolean } | { readonly error: string };

/** Idle threads. */
const idle: Worker[] = [];

/**
 * Hashes a password, or checks it against a hash, on a thread of low priority. Another thread is started when all are busy.
 *
 * libuv's threads are not used: they have the priority of the event loop, and files and host names would wait behind
 * passwords.
 *
 * @throws Error where argon2 cannot read the hash, or the thread has ended.
 */
export async function onHashingThread(task: HashingTask): Promise<string | boolean> {
  const thread = idle.pop() ?? startThread();
  const answer = await answerOf(thread, task);
  idle.push(thread);
  if ("error" in answer) throw new Error(answer.error);
  return answer.value;
}

/** Ends idle threads. A stopping process would end them one by one, each at its low priority. */
export async function endIdleThreads(): Promise<void> {
  await Promise.all(idle.splice(0).map((thread) => thread.terminate()));
}

async function answerOf(thread: Worker, task: HashingTask): Promise<HashingAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HashingAnswer>();
  const ended = (cause: unknown) => reject(new Error("A hashing thread has ended.", { cause }));
  // A thread at work keeps the process alive, so that nobody waits for an answer in vain.
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
  // A thread that dies while idle gets no more work.
  thread.once("exit", () => {
    const index = idle.indexOf(thread);
    if (index >= 0) idle.splice(index, 1);
  });
  return thread;
}
