import { allVariables } from "./known-variables.ts";
import type { Config } from "./read.ts";

/** A configuration as environment variables for a child process, from which `readConfig` reads it back. */
export function environmentOf(config: Config): Record<string, string> {
  const values: Readonly<Record<string, unknown>> = config;
  return Object.fromEntries(
    Object.keys(allVariables()).flatMap((name) => (values[name] === undefined ? [] : [[name, String(values[name])]])),
  );
}
