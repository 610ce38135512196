import { execFile } from "node:child_process";
import type { Config } from "postbox";
import { environmentOf } from "../../libs/postbox/core/configuration/environment.ts";

/** How one command line ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const launcher = new URL("../../cli/postbox.js", import.meta.url).pathname;

/** Runs `postbox` as a person does, in a process of its own, on the stack of a test if one is given. */
export function postbox(words: readonly string[], config?: Config): Promise<Ended> {
  return postboxIn({ ...process.env, ...(config && environmentOf(withPorts(config))) }, words);
}

/** The same in an environment, and of another project or in a folder that is none. */
export function postboxIn(
  env: NodeJS.ProcessEnv,
  words: readonly string[],
  { program = launcher, cwd = process.cwd() }: { readonly program?: string; readonly cwd?: string } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...words], { env, cwd }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

/** A test's stack asks for any port (0), which is no value of these variables. */
export const withPorts = (config: Config): Config => ({
  ...config,
  PORT: config.PORT || 3000,
  METRICS_PORT: config.METRICS_PORT || 9000,
});
