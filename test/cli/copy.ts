import { execFile } from "node:child_process";
import { cp, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { currentRun, runFolder, runVariable } from "../harness/run.ts";
import type { Ended } from "./postbox.ts";

/** A copy of the project in which a test may make what it likes. */
export interface ProjectCopy extends AsyncDisposable {
  readonly root: string;
  /** Runs a program in it under this Node, its path from the copy's root. */
  run(program: string, ...words: string[]): Promise<Ended>;
  /** What differs from the project as it was copied, one line a path. */
  changed(): Promise<string[]>;
}

/** What is no part of the project: packages, history, caches, data, reports. */
const left = /^(node_modules|\.git|\.cache|coverage|\.postbox.*)$/;

export async function copyProject(): Promise<ProjectCopy> {
  const root = await runFolder("copy");
  const names = (await readdir(projectRoot())).filter((name) => !left.test(name));
  for (const name of names) await cp(join(projectRoot(), name), join(root, name), { recursive: true });
  await symlink(join(projectRoot(), "node_modules"), join(root, "node_modules"));
  const git = (...words: string[]) => start("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...words], root);
  await git("init", "--quiet");
  await git("add", "--all");
  await git("commit", "--quiet", "--message", "copy");
  return {
    root,
    run: (program, ...words) => start(process.execPath, [join(root, program), ...words], root),
    changed: async () => (await git("status", "--short", "--untracked-files=all")).stdout.split("\n").filter(Boolean),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

/** Jest needs the option for ES modules; what this run's set-up left in the environment is not the copy's. */
const environment = () => ({
  ...process.env,
  NODE_OPTIONS: "--experimental-vm-modules --disable-warning=ExperimentalWarning",
  NATS_SERVER_BIN: currentRun().natsBinary,
  [runVariable]: undefined,
  JEST_WORKER_ID: undefined,
});

function start(program: string, words: readonly string[], cwd: string): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, words, { cwd, env: environment(), maxBuffer: 64e6 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}
