import { spawn } from "node:child_process";
import { close, open } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { folder } from "../home/paths.ts";
import { until } from "../wait/until.ts";
import { identify, isAlive, type ProcessIdentity } from "./identity.ts";

export interface ChildOptions {
  /** Folder that holds the record of the process and its log. */
  readonly home: string;
  /** Name of the log and of the record, e.g. `postgres`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Whom to run as, if root must not. */
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly cwd?: string;
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Asks it to end in good order. */
  readonly stopSignal: NodeJS.Signals;
}

/** How a process ended, e.g. `exit code 1` or `signal SIGKILL`. */
export type Ending = string;

/** A process that this one started, in a process group of its own: Ctrl-C reaches the parent alone, which stops it in order. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Settles when it has ended, however. */
  readonly ended: Promise<Ending>;
  /** Sends a signal; nothing if it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** All that it wrote so far, stdout and stderr. */
  output(): Promise<string>;
  /** Ends it in good order, or by SIGKILL after the grace. */
  stop(): Promise<void>;
}

/** What is kept of a process on disk, so that a later run can end what this one left behind. */
export interface ProcessRecord extends ProcessIdentity {
  readonly name: string;
  readonly stopSignal: NodeJS.Signals;
}

/** Milliseconds that a process may take to end in good order before it is killed. */
const graceMs = 15_000;

/** Starts a process; it logs to `<home>/logs` and is recorded in `<home>/processes` while it runs. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { home, name, command, args, user, cwd, env, stopSignal } = options;
  const logFile = join(await folder(home, "logs"), `${name}.log`);
  const log = await promisify(open)(logFile, "w");
  const child = spawn(command, args, { ...user, cwd, env, detached: true, stdio: ["ignore", log, log] });
  const ended = new Promise<Ending>((settle) => {
    child.once("error", (error) => settle(error.message));
    child.once("exit", (code, signal) => settle(signal ? `signal ${signal}` : `exit code ${code}`));
  });
  await promisify(close)(log);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} cannot be run: ${await ended}`);
  const forget = await record(home, name, pid, stopSignal);
  const gone = ended.then(async (ending) => {
    await forget();
    return ending;
  });
  return {
    name,
    pid,
    ended: gone,
    signal: (signal) => {
      child.kill(signal);
    },
    output: () => readFile(logFile, "utf8"),
    stop: async () => {
      child.kill(stopSignal);
      const kill = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await gone;
      clearTimeout(kill);
    },
  };
}

async function record(home: string, name: string, pid: number, stopSignal: NodeJS.Signals) {
  const path = join(await folder(home, "processes"), `${name}-${pid}.json`);
  const identity = await identify(pid);
  if (identity) await writeFile(path, JSON.stringify({ ...identity, name, stopSignal } satisfies ProcessRecord));
  return () => rm(path, { force: true });
}

/** Ends a process that an earlier run left behind. Only a child reports its end, so this one is polled for. */
export async function endOrphan(orphan: ProcessRecord): Promise<void> {
  const send = (signal: NodeJS.Signals) => {
    try {
      process.kill(orphan.pid, signal);
    } catch {
      // It ended between the check and the signal.
    }
  };
  if (!(await isAlive(orphan))) return;
  send(orphan.stopSignal);
  const gone = async () => !(await isAlive(orphan));
  await until(gone, { deadlineMs: graceMs }).catch(async () => {
    send("SIGKILL");
    await until(gone, { what: `process ${orphan.pid} (${orphan.name}) is gone` });
  });
}
