import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const launcher = fileURLToPath(new URL("../postbox.js", import.meta.url));

/**
 * Applies the migrations of services by the command line, a process for each: this one has imported the files that were
 * there at its start, and would not read a migration again that has been changed after it failed.
 */
export async function applyMigrations(
  services: readonly string[],
  env: NodeJS.ProcessEnv,
  report: (line: string) => void,
): Promise<void> {
  for (const service of services) {
    const child = spawn(process.execPath, [launcher, "migrate", "up", service], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", report);
    await once(child, "close");
  }
}
