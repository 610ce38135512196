import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";

/** The variables that say where a stack is. It keeps them for as long as it runs, whatever `.env` says meanwhile. */
export const lasting = [
  ...["PORT", "METRICS_PORT", "LISTEN_ADDRESS", "POSTBOX_HOME", "NATS_URL", "NATS_USER", "NATS_PASSWORD"],
  ...["POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_USER", "POSTGRES_PASSWORD"],
] as const;

/** The environment that a process has been given, over the project's `.env` as the file is now. */
export function environmentWithFile(root: string, given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const path = join(root, ".env");
  return { ...(existsSync(path) && parseEnv(readFileSync(path, "utf8"))), ...given };
}

/** The lasting variables whose values differ. */
export function changedLasting(before: NodeJS.ProcessEnv, after: NodeJS.ProcessEnv): string[] {
  return lasting.filter((name) => before[name] !== after[name]);
}
