import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A server that answers the same authorised GET. */
export interface Subject {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Clients that hold half a request open meanwhile. */
  readonly slowClients?: number;
}

const subject = (name: string, file: string, ...args: readonly string[]): Subject => ({ name, file, args });

const postbox = subject("postbox", "serve-postbox.ts");

export const subjects: readonly Subject[] = [
  postbox,
  subject("moleculer-web", "serve-moleculer-web.ts"),
  subject("moleculer-web-quiet", "serve-moleculer-web.ts", "quiet"),
  subject("fastify", "serve-fastify.ts"),
  subject("fastify-cached", "serve-fastify.ts", "cached"),
];

/** Postbox alone, and beside slow clients. */
export const besideSlowClients = (slowClients: number): readonly Subject[] => [
  postbox,
  { ...postbox, name: `postbox beside ${slowClients} slow clients`, slowClients },
];

/** Starts a subject in a process of its own, and gives its address. What it logs is thrown away. */
export async function serve(
  { file, args }: Subject,
  env: NodeJS.ProcessEnv,
): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, file), ...args], {
    env: { ...process.env, NODE_ENV: "production", ...env },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [said] = await Promise.race([once(child, "message"), once(child, "exit")]);
  if (typeof said !== "object" || said === null) throw new Error(`${file} ended before it listened.`);
  return { url: `http://127.0.0.1:${said.port}/profile/me`, child };
}

/** Sets slow clients on an address, from a process of their own. */
export async function startSlowClients(url: string, count: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "slow-clients.ts"), url, `${count}`], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await once(child, "message");
  return child;
}

export async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}
