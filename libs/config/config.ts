import { type Config, readConfig } from "./read.ts";

let current: Config | undefined;

/** The configuration of this process, read from the environment at the first call and the same ever after. */
export function config(): Config {
  current ??= readConfig(process.env);
  return current;
}

/** Replaces the configuration of this process: for tests, and for tools that start services by themselves. */
export function configure(given: Config): void {
  current = given;
}
