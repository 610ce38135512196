import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** Takes the variables of the clone's `.env` into this process, if there is such a file. What is set already wins. */
export function loadEnvFile(): void {
  const path = resolve(import.meta.dirname, "../../.env");
  if (existsSync(path)) process.loadEnvFile(path);
}
