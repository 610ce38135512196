import { join } from "node:path";
import { environmentOf } from "../../core/configuration/environment.ts";
import type { Config } from "../../core/configuration/read.ts";
import { projectRoot } from "../../core/project/project-root.ts";
import { ask } from "../../telemetry/ask.ts";
import { type Child, startChild } from "./process/child.ts";
import { until } from "./wait/until.ts";

export interface ServicesProcessOptions {
  readonly home: string;
  /** Name of its log and record. */
  readonly name: string;
  readonly config: Config;
  /** Paths of service files, or of a folder whose service files are all run. */
  readonly services: readonly string[];
  /** Variables over the configuration. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs services in one process under Moleculer's runner, as a container does. */
export function startServicesProcess(options: ServicesProcessOptions): Promise<Child> {
  const { home, name, config, services, env } = options;
  return startChild({
    home,
    name,
    command: process.execPath,
    args: [
      join(projectRoot(), "node_modules/moleculer/bin/moleculer-runner.mjs"),
      ...["--config", "moleculer.config.ts", "--mask", "**/*.service.ts"],
      ...services,
    ],
    cwd: projectRoot(),
    env: { ...process.env, SERVICES: undefined, SERVICEDIR: undefined, ...environmentOf(config), ...env },
    stopSignal: "SIGTERM",
  });
}

/** Milliseconds until services must be ready. */
const readyDeadlineMs = 60_000;
/** Milliseconds that one answer may take. */
const answerWithinMs = 5_000;

/**
 * Waits until a process of services says it is ready.
 *
 * @param metrics URL of its METRICS_PORT
 * @throws Error with all that the process wrote, if it ends instead or stays not ready.
 */
export async function servicesReady(child: Child, metrics: string): Promise<void> {
  let ending: string | undefined;
  child.ended.then((how) => {
    ending = how;
  });
  let health = "no answer";
  const endedOrReady = async () => {
    if (ending !== undefined) return true;
    const { status, body } = await ask(`${metrics}/health/ready`, answerWithinMs);
    health = body;
    return status === 200;
  };
  await until(endedOrReady, { deadlineMs: readyDeadlineMs, everyMs: 50 }).catch(async (cause) => {
    const late = `The services were not ready within ${readyDeadlineMs / 1000} s: ${health}`;
    throw new Error(`${late}\n${await child.output()}`, { cause });
  });
  if (ending !== undefined) throw new Error(`The services ended with ${ending}:\n${await child.output()}`);
}
