import { loadRevocationSource } from "../project/revocation-source.ts";
import type { ValuesOf, Variables } from "./known-variables.ts";
import { loadVariables } from "./known-variables.ts";
import { type Config, readConfig } from "./read.ts";

let current: Config | undefined;

/**
 * Finds what the services of the project declare for the whole of it. Everything that reads the configuration comes
 * after it.
 */
export async function loadProject(): Promise<void> {
  await Promise.all([loadVariables(), loadRevocationSource()]);
}

/** The configuration of this process, read from the environment at the first call and the same ever after. */
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

/** Replaces the configuration of this process: for tests, and for tools that start services by themselves. */
export function configure(given: Config): void {
  current = given;
}
