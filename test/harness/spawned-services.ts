import { randomBytes } from "node:crypto";
import type { Config } from "../../libs/postbox/core/configuration/read.ts";
import type { Child } from "../../libs/postbox/tools/stack/process/child.ts";
import { freePort } from "../../libs/postbox/tools/stack/process/free-port.ts";
import { servicesReady, startServicesProcess } from "../../libs/postbox/tools/stack/services-process.ts";
import type { TestRun } from "./run.ts";
import { serviceFiles } from "./service-file.ts";

/** How services are run in a process of their own. */
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
  const child = await startServicesProcess({
    home,
    name: `services-${randomBytes(4).toString("hex")}`,
    config: { ...config, PORT: port, METRICS_PORT: metricsPort },
    services: services.flatMap(serviceFiles),
    env: { LOG_LEVEL: "info", ...env },
  });
  const spawned = { ...child, gateway: `http://127.0.0.1:${port}`, metrics: `http://127.0.0.1:${metricsPort}` };
  if (waitUntilReady) await servicesReady(child, spawned.metrics);
  return spawned;
}
