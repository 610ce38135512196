import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { environmentOf } from "../../libs/config/environment.ts";
import type { Config } from "../../libs/config/read.ts";
import { type Child, startChild } from "../../libs/stack/child.ts";
import { freePort } from "../../libs/stack/free-port.ts";
import { projectRoot } from "../../libs/stack/places.ts";
import { until } from "../../libs/stack/until.ts";
import type { TestRun } from "./run.ts";
import { serviceFile } from "./service-file.ts";

export interface SpawnOptions {
  /** Variables of this process, over the test's configuration. */
  readonly env?: Readonly<Record<string, string>>;
  /** False: comes back at once instead of when the process is ready. */
  readonly waitUntilReady?: boolean;
}

/** Services in a process of their own. */
export interface SpawnedServices extends Child {
  /** Address of the gateway, if it is among them. */
  readonly gateway: string;
  /** Address of /metrics and /health. */
  readonly metrics: string;
}

/** Runs Moleculer's runner as production does, on free ports. */
export async function spawnProcess(
  { home }: TestRun,
  config: Config,
  services: readonly string[],
  { env = {}, waitUntilReady = true }: SpawnOptions,
): Promise<SpawnedServices> {
  const [port, metricsPort] = await Promise.all([freePort(), freePort()]);
  const child = await startChild({
    home,
    name: `services-${randomBytes(4).toString("hex")}`,
    command: process.execPath,
    args: [
      join(projectRoot, "node_modules/moleculer/bin/moleculer-runner.mjs"),
      ...["--config", "moleculer.config.ts"],
      ...services.map(serviceFile),
    ],
    cwd: projectRoot,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...environmentOf({ ...config, PORT: port, METRICS_PORT: metricsPort }),
      LOG_LEVEL: "info",
      ...env,
    },
    stopSignal: "SIGTERM",
  });
  const spawned = { ...child, gateway: `http://127.0.0.1:${port}`, metrics: `http://127.0.0.1:${metricsPort}` };
  if (waitUntilReady) await ready(spawned);
  return spawned;
}

async function ready({ metrics, ended, output }: SpawnedServices): Promise<void> {
  let ending: string | undefined;
  ended.then((how) => {
    ending = how;
  });
  const look = async () => ending ?? (await fetch(`${metrics}/health/ready`)).ok;
  const seen = await until(look, { deadlineMs: 30_000, what: "the services are ready" }).catch(async (cause) => {
    throw new Error(`The services did not get ready:\n${await output()}`, { cause });
  });
  if (typeof seen === "string") throw new Error(`The services ended with ${seen}:\n${await output()}`);
}
