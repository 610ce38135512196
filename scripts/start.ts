import { inspect } from "node:util";
import { config } from "../libs/postbox/core/configuration/config.ts";
import { placeholderWarning } from "../libs/postbox/core/configuration/read.ts";
import { errorCode } from "../libs/postbox/core/errors/postbox-error.ts";
import { loadEnvFile, misspeltVariables } from "../libs/postbox/core/project/env-file.ts";
import { loadProject } from "../libs/postbox/core/project/load-project.ts";
import { ask } from "../libs/postbox/telemetry/ask.ts";
import { summary } from "../libs/postbox/tools/stack/summary.ts";
import { supervise } from "../libs/postbox/tools/stack/supervise.ts";

/** Milliseconds that the services may take to tell their memory. */
const answerWithinMs = 5_000;

const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    report(`${signal}: stopping`);
    stopping.abort();
  });

/** Runs the whole stack until a signal or the end of one of its processes; gives the exit code. */
async function start(): Promise<number> {
  await loadProject();
  loadEnvFile();
  warnOfMisspelt();
  const given = config();
  const warning = placeholderWarning(given);
  if (warning !== undefined) report(`warning: ${warning}`);
  const { signal } = stopping;
  const stopped = new Promise<undefined>((settle) => {
    signal.addEventListener("abort", () => settle(undefined));
  });
  const running = await supervise({ config: given, goal: "services", report, signal }).catch((error) => {
    if (!signal.aborted) throw error;
  });
  if (running) {
    const seconds = (performance.now() / 1000).toFixed(1);
    const megabytes = await memory(running.addresses.metrics);
    report(await summary(running));
    report(`\nReady after ${seconds} s; the services take ${megabytes} MB. Ctrl-C stops everything.`);
    const broken = await Promise.race([stopped, running.broken]);
    if (broken) report(`a process ended by itself, ${broken}; stopping the rest`);
    await running.stop();
    if (broken) return 1;
  }
  report("stopped");
  return 0;
}

function warnOfMisspelt(): void {
  for (const { name, meant } of misspeltVariables())
    report(`warning: .env sets ${name}, which nothing reads. Did you mean ${meant}?`);
}

/** Resident memory of the process that runs all services, in MB, from its own metrics. */
async function memory(metrics: string): Promise<string> {
  const { body } = await ask(`${metrics}/metrics`, answerWithinMs);
  const bytes = /^process_resident_memory_bytes (\S+)$/m.exec(body)?.[1];
  return bytes === undefined ? "an unknown amount of" : (Number(bytes) / 1e6).toFixed(0);
}

function report(line: string): void {
  console.log(line);
}

start().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(
      `\nPostbox did not start. ${errorCode(error) && error instanceof Error ? error.message : inspect(error)}`,
    );
    process.exit(1);
  },
);
