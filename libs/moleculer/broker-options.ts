import type { BrokerOptions } from "moleculer";
import type { Config } from "../config/read.ts";
import { observability } from "../observability/middleware.ts";
import { guards } from "./guards.ts";

/** Milliseconds that a call may take; without a limit, a call to a node that froze never ends. */
const requestTimeoutMs = 10_000;
/** Milliseconds that calls under way are waited for when the process stops. */
const shutdownTimeoutMs = 5_000;

/** How every Postbox node is set up, whatever services it runs. */
export function brokerOptions(config: Config): BrokerOptions {
  const { validator, middlewares } = guards();
  return {
    namespace: "postbox",
    logger: logger(config),
    transporter: transporter(config),
    requestTimeout: requestTimeoutMs,
    validator,
    middlewares: [...middlewares, observability(config.METRICS_PORT)],
    tracking: { enabled: true, shutdownTimeout: shutdownTimeoutMs },
  };
}

/** For a person in local, for a collector elsewhere. */
function logger({ ENVIRONMENT, LOG_LEVEL: level }: Config): NonNullable<BrokerOptions["logger"]> {
  return ENVIRONMENT === "local"
    ? { type: "Console", options: { level, colors: false, formatter: "full" } }
    : { type: "Pino", options: { level } };
}

/** As options: Moleculer's own parsing of a URL drops `tls://` and does not decode passwords. */
function transporter({ NATS_URL, NATS_USER, NATS_PASSWORD }: Config): NonNullable<BrokerOptions["transporter"]> {
  return {
    type: "NATS",
    options: {
      ...(NATS_URL !== undefined && { servers: NATS_URL }),
      ...(NATS_USER !== undefined && { user: NATS_USER, inboxPrefix: `_INBOX_${NATS_USER}` }),
      ...(NATS_PASSWORD !== undefined && { pass: NATS_PASSWORD }),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      pingInterval: 5_000,
      maxPingOut: 2,
    },
  };
}
