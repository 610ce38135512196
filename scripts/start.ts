import { inspect } from "node:util";
import { config } from "../libs/postbox/core/configuration/config.ts";
import { placeholderWarning } from "../libs/postbox/core/configuration/read.ts";
import { errorCode } from "../libs/postbox/core/errors/postbox-error.ts";
import { redactedUrl } from "../libs/postbox/core/network/redacted-url.ts";
import { loadEnvFile, misspeltVariables } from "../libs/postbox/core/project/env-file.ts";
import { loadProject } from "../libs/postbox/core/project/load-project.ts";
import { ask } from "../libs/postbox/telemetry/ask.ts";
import { homeFolder } from "../libs/postbox/tools/stack/home/paths.ts";
import { servicePages } from "../libs/postbox/tools/stack/service-pages.ts";
import { type Supervised, supervise } from "../libs/postbox/tools/stack/supervise.ts";

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
    report(await summary(running));
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

async function summary({ addresses, config: { POSTBOX_HOME } }: Supervised): Promise<string> {
  const { host } = new URL(Object.values(addresses.postgres)[0] ?? "");
  const seconds = (performance.now() / 1000).toFixed(1);
  const rows = {
    Gateway: addresses.gateway,
    ...Object.fromEntries(
      Object.entries(await servicePages()).map(([label, path]) => [label, addresses.gateway + path]),
    ),
    Metrics: `${addresses.metrics}/metrics`,
    Health: `${addresses.metrics}/health/ready`,
    NATS: redactedUrl(addresses.nats),
    Postgres: `${host} (databases ${Object.keys(addresses.postgres).join(", ")})`,
    Logs: `${homeFolder(POSTBOX_HOME)}/logs`,
  };
  const table = Object.entries(rows).map(([name, value]) => `  ${name.padEnd(10)}${value}`);
  const measured = `Ready after ${seconds} s; the services take ${await memory(addresses.metrics)} MB. Ctrl-C stops everything.`;
  return ["", ...table, "", measured].join("\n");
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
