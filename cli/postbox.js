#!/usr/bin/env node
// Plain JavaScript for any Node from 20 up: TypeScript without a build step needs the Node of this project.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const main = new URL("main.ts", import.meta.url);
const minMajor = 24;

if (Number.parseInt(process.versions.node, 10) >= minMajor) await import(main.href);
else {
  const node = createRequire(import.meta.url).resolve("node/bin/node");
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: "inherit" });
  // The terminal sends Ctrl-C to both; a signal from elsewhere is passed on. Either way the child decides when to end.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`Node ${minMajor} cannot be started (${error.message}). Run npm ci in the project's folder first.`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
