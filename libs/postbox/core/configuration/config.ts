import { type Config, readConfig } from "./read.ts";
import type { ValuesOf, Variables } from "./variable.ts";

let current: Config | undefined;

/** The configuration of this process, read from the environment at the first call. */
export function config(): Config;
/**
 * The same, with the values of a service's own variables.
 *
 * @param variables what its `variables.ts` exports.
 */
export function config<V extends Variables>(variables: V): Config & ValuesOf<V>;
export function config(_variables?: Variables): Config {
  current ??= readConfig(process.env);
  return current;
}

/** Replaces the configuration of this process, for tests and for tools that start services themselves. */
export function configure(replacement: Config): void {
  current = replacement;
}
