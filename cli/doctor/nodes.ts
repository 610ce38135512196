import { setTimeout as delay } from "node:timers/promises";
import type { NatsConnection } from "nats";
import type { Config } from "../../libs/postbox/core/configuration/read.ts";
import { serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import { serviceParts } from "../../libs/postbox/core/project/service-parts.ts";
import { natsOptions } from "../../libs/postbox/nats/connection/connect.ts";
import { announcedServices } from "../../libs/postbox/node/broker/announced-services.ts";
import { type Finding, finding, ok, warning } from "./finding.ts";

/** Milliseconds for which nodes are waited for. They answer at once unless they are frozen. */
const answerWithinMs = 1_500;

/** What runs of the project, and what does not. */
export interface NodesFinding {
  readonly finding: Finding;
  /** Whether any node answered. */
  readonly isRunning: boolean;
}

/** Whether all parts of all services run, wherever that is: each announces itself over NATS. */
export async function checkNodes(config: Config): Promise<NodesFinding> {
  const check = "nodes";
  let isRunning = false;
  const found = await finding(check, "Start NATS, then look again.", async () => {
    const announced = await announcedParts(config);
    isRunning = announced.size > 0;
    if (!isRunning) return ok(check, "no services run");
    const missing = serviceNames()
      .flatMap(serviceParts)
      .filter((part) => !announced.has(part));
    if (missing.length === 0) return ok(check, "every part of every service runs");
    return warning(
      check,
      `services run, but not ${missing.join(", ")}`,
      "Start them. A local stack takes up a new service when it is started anew.",
    );
  });
  return { finding: found, isRunning };
}

async function announcedParts(config: Config): Promise<ReadonlySet<string>> {
  const { connect } = await import("nats");
  const options = { ...natsOptions(config), waitOnFirstConnect: false, reconnect: false, timeout: 5_000 };
  const connection: NatsConnection = await connect(options);
  try {
    const { names, stop } = announcedServices(connection, config);
    await delay(answerWithinMs);
    stop();
    return names;
  } finally {
    await connection.close();
  }
}
