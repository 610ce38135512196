import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { freePort, until } from "postbox/testing";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { endOrphans } from "../../libs/postbox/tools/stack/process/orphans.ts";
import { currentRun } from "../harness/run.ts";

/** A `scripts/start.ts` in a process of its own. */
export interface Started {
  readonly pid: number;
  readonly env: NodeJS.ProcessEnv;
  /** Settles with the exit code, or with the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** All that it printed so far. */
  readonly output: string;
  kill(signal: NodeJS.Signals): void;
}

/** A home of its own and free ports, as the environment of a start. */
export async function startEnvironment(): Promise<NodeJS.ProcessEnv & { POSTBOX_HOME: string }> {
  const [port, metricsPort] = await Promise.all([freePort(), freePort()]);
  const { home, natsBinary } = currentRun();
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    NODE_ENV: undefined,
    POSTBOX_HOME: join(home, `start-${randomBytes(4).toString("hex")}`),
    PORT: `${port}`,
    METRICS_PORT: `${metricsPort}`,
    NATS_SERVER_BIN: natsBinary,
  };
}

/** @param root the project that is started. */
export function start(env: NodeJS.ProcessEnv, root = projectRoot()): Started {
  const child = spawn(process.execPath, ["scripts/start.ts"], { cwd: root, env });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  const ended = new Promise<number | NodeJS.Signals | null>((settle) => {
    child.once("close", (code, signal) => settle(code ?? signal));
  });
  return {
    pid: child.pid ?? 0,
    env,
    ended,
    get output() {
      return output;
    },
    kill: (signal) => {
      child.kill(signal);
    },
  };
}

/** Starts and waits until the summary is printed. */
export async function startAndWait(env: NodeJS.ProcessEnv, root = projectRoot()): Promise<Started> {
  const started = start(env, root);
  let over = false;
  started.ended.then(() => {
    over = true;
  });
  const printed = () => over || started.output.includes("Ready after");
  await until(printed, { deadlineMs: 60_000, what: "the stack is ready" }).catch((cause) => {
    throw new Error(`The start hangs:\n${started.output}`, { cause });
  });
  if (over) throw new Error(`The start ended:\n${started.output}`);
  return started;
}

/** Ends what a test left running, and removes its home. */
export async function remove(home: string): Promise<void> {
  await endOrphans(home);
  await rm(home, { recursive: true, force: true });
}
