import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** A process beyond doubt: its id is given to another one sooner or later, its moment of start is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; the same for as long as the process lives. */
  readonly startedAt: string;
}

/** Identifies a living process; undefined when there is none with that id. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const startedAt = process.platform === "linux" ? await startInProc(pid) : await ps(pid, "lstart=");
  return startedAt ? { pid, startedAt } : undefined;
}

export async function isAlive({ pid, startedAt }: ProcessIdentity): Promise<boolean> {
  return (await identify(pid))?.startedAt === startedAt;
}

/** The command line of a living process, its words apart by blanks; empty when there is none with that id. */
export async function commandLine(pid: number): Promise<string> {
  if (process.platform === "linux")
    return (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ");
  return ps(pid, "command=");
}

/** Field 22 of /proc/<pid>/stat, clock ticks since boot; proc(5). A zombie counts as gone. */
async function startInProc(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === "Z" || state === "X" ? undefined : rest[18];
}

async function ps(pid: number, column: string): Promise<string> {
  const listed = await promisify(execFile)("ps", ["-o", column, "-p", `${pid}`]).catch(() => ({ stdout: "" }));
  return listed.stdout.trim();
}
