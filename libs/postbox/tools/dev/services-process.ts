import cluster from "node:cluster";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../stack/home/paths.ts";

/** Where a process of services is in its life. */
export type Phase = "starting" | "serving" | "stopping";

/** A process that runs the services. */
export interface ServicesProcess {
  /** Settles when its services are ready. Never, if it ends before. */
  readonly ready: Promise<void>;
  /** Settles with how it ended, e.g. `exit code 1`. */
  readonly ended: Promise<string>;
  /** Ends it in good order, or by SIGKILL after the grace. */
  stop(): Promise<void>;
}

export interface ServicesProcessOptions {
  readonly root: string;
  /** Its whole environment, beside what Node adds for a worker of a cluster. */
  readonly env: NodeJS.ProcessEnv;
  /** Hears each line that it writes, on stdout or stderr. */
  readonly line: (text: string, phase: Phase) => void;
}

/** Milliseconds that a process may take to end in good order. */
const graceMs = 15_000;

/**
 * Starts a process that runs every service of the project.
 *
 * It is a worker of Node's `cluster`: this process owns the listening sockets and hands them to workers. So two processes
 * of services can listen on the same ports, and a request that comes during a change finds one of them.
 */
export function startServices({ root, env, line }: ServicesProcessOptions): ServicesProcess {
  cluster.setupPrimary({
    exec: fileURLToPath(new URL("services-worker.ts", import.meta.url)),
    args: ["--config", "moleculer.config.ts", "--mask", "**/*.service.ts", "services"],
    cwd: root,
    silent: true,
  });
  const worker = cluster.fork({
    // Modules that have not changed since the last start are not compiled again.
    NODE_COMPILE_CACHE: join(cacheFolder(), "compiled"),
    ...env,
    SERVICES: undefined,
    SERVICEDIR: undefined,
  });
  let phase: Phase = "starting";
  for (const stream of [worker.process.stdout, worker.process.stderr])
    if (stream) createInterface({ input: stream }).on("line", (text) => line(text, phase));
  const ended = new Promise<string>((settle) => {
    // The worker repeats the errors of its process, and would end this one where nobody hears them.
    worker.on("error", (error) => settle(error.message));
    // Not `exit`: what it wrote last is read by then.
    worker.process.once("close", (code: number | null, signal) =>
      settle(signal ? `signal ${signal}` : `exit code ${code}`),
    );
  });
  const ready = new Promise<void>((settle) => {
    worker.once("message", () => {
      phase = "serving";
      settle();
    });
  });
  return {
    ready,
    ended,
    stop: async () => {
      phase = "stopping";
      worker.process.kill("SIGTERM");
      const kill = setTimeout(() => worker.process.kill("SIGKILL"), graceMs);
      await ended;
      clearTimeout(kill);
    },
  };
}
