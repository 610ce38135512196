import { inspect } from "node:util";
import { config } from "../libs/config/config.ts";
import { loadEnvFile } from "../libs/config/env-file.ts";
import { type Config, placeholders } from "../libs/config/read.ts";
import { errorCode } from "../libs/errors/postbox-error.ts";
import { homeFolder } from "../libs/stack/places.ts";
import { endStrays } from "../libs/stack/strays.ts";
import { type Supervised, supervise } from "../libs/stack/supervise.ts";

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs the whole stack until a signal or the end of one of its processes; gives the exit code. */
async function start(): Promise<number> {
  loadEnvFile();
  const given = config();
  warnOfPlaceholders(given);
  const aborted = new AbortController();
  const signalled = new Promise<string>((settle) => {
    for (const signal of stopSignals) process.on(signal, () => settle(signal));
  });
  signalled.then((signal) => aborted.abort(signal));

  const starting = supervise({ config: given, services: true, report, signal: aborted.signal });
  const running = await Promise.race([starting, signalled]);
  if (typeof running === "string") return stopHalfway(starting, given, running);
  report(await summary(running));
  const reason = await Promise.race([signalled, running.broken.then((ending) => ({ ending }))]);
  const broken = typeof reason !== "string";
  report(broken ? `a process ended by itself, ${reason.ending}; stopping the rest` : `${reason}: stopping`);
  await running.stop();
  report("stopped");
  return broken ? 1 : 0;
}

/** Ends what has been started so far; that also ends the start's waiting for it. */
async function stopHalfway(starting: Promise<Supervised>, { POSTBOX_HOME }: Config, signal: string): Promise<number> {
  report(`${signal}: stopping`);
  await endStrays(homeFolder(POSTBOX_HOME));
  const running = await starting.catch(() => undefined);
  await running?.stop();
  report("stopped");
  return 0;
}

function warnOfPlaceholders(given: Config): void {
  const left = placeholders(given).filter((name) => name !== "POSTGRES_PASSWORD" || given.POSTGRES_HOST !== undefined);
  if (left.length > 0) report(`warning: ${left.join(", ")} left at the placeholder, which works in local only`);
}

async function summary({ addresses, config: { POSTBOX_HOME } }: Supervised): Promise<string> {
  const { host } = new URL(addresses.postgres.gateway);
  const seconds = (performance.now() / 1000).toFixed(1);
  const rows = {
    Gateway: addresses.gateway,
    Metrics: `${addresses.metrics}/metrics`,
    Health: `${addresses.metrics}/health/ready`,
    NATS: addresses.nats,
    Postgres: `${host} (databases ${Object.keys(addresses.postgres).join(", ")})`,
    Logs: `${homeFolder(POSTBOX_HOME)}/logs`,
  };
  const table = Object.entries(rows).map(([name, value]) => `  ${name.padEnd(10)}${value}`);
  const measured = `Ready after ${seconds} s; the services take ${await memory(addresses.metrics)} MB. Ctrl-C stops everything.`;
  return ["", ...table, "", measured].join("\n");
}

/** Resident memory of the process that runs all services, in MB, as it tells itself. */
async function memory(metrics: string): Promise<string> {
  const text = await (await fetch(`${metrics}/metrics`)).text();
  const bytes = /^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1];
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
