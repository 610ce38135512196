import { ownUrl } from "../../libs/postbox/core/configuration/listen-address.ts";
import type { Config } from "../../libs/postbox/core/configuration/read.ts";
import { ask } from "../../libs/postbox/telemetry/ask.ts";
import { isFree } from "../../libs/postbox/tools/stack/process/free-port.ts";
import { type Finding, fault, ok } from "./finding.ts";

const answerWithinMs = 5_000;

/** The services on this machine: whether they are well, or, where none run, whether they could have their ports. */
export async function checkProcesses(config: Config): Promise<Finding[]> {
  const { PORT, METRICS_PORT } = config;
  const health = await healthAt(ownUrl(config, METRICS_PORT));
  if (health) return [services(METRICS_PORT, health)];
  const taken: Finding[] = [];
  for (const [variable, port] of Object.entries({ PORT, METRICS_PORT }))
    if (!(await isFree(port)))
      taken.push(
        fault(
          "ports",
          `${port} is taken by what does not answer as services do`,
          `End it, or set ${variable} to another port.`,
        ),
      );
  return taken.length > 0 ? taken : [ok("ports", `no services run here; ${PORT} and ${METRICS_PORT} are free`)];
}

interface Health {
  readonly status: string;
  /** What each part says, by its name. */
  readonly checks: Readonly<Record<string, string>>;
}

function services(port: number, { status, checks }: Health): Finding {
  if (status === "ready") return ok("services", `ready, says port ${port}`);
  const failing = Object.entries(checks).filter(([, said]) => said !== "ok");
  const failures = failing.map(([name, said]) => `${name}: ${said}`);
  return fault(
    "services",
    [`not ready, says port ${port}`, ...failures].join("\n"),
    "Mend what they name; their logs say more.",
  );
}

/** What the services say of themselves; undefined where nobody listens, or somebody else. */
async function healthAt(metrics: string): Promise<Health | undefined> {
  try {
    const { body } = await ask(`${metrics}/health/ready`, answerWithinMs);
    const { status, checks }: Partial<Health> = JSON.parse(body);
    return status !== undefined && checks !== undefined ? { status, checks } : undefined;
  } catch {
    return undefined;
  }
}
