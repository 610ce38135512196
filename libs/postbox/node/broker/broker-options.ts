import { type BrokerOptions, Errors } from "moleculer";
import { namespace } from "../../core/configuration/namespace.ts";
import type { Config } from "../../core/configuration/read.ts";
import { natsOptions } from "../../nats/connection/connect.ts";
import { telemetry } from "../../telemetry/telemetry-middleware.ts";
import { guards } from "./guards.ts";
import { NatsTransporter } from "./nats-transporter.ts";
import { nodeId } from "./node-id.ts";
import { wireGuard } from "./wire-guard.ts";

/** Milliseconds that a call may take; without a limit, a call to a node that froze never ends. */
const requestTimeoutMs = 10_000;
/** Milliseconds that calls under way are waited for when the process stops. */
const shutdownTimeoutMs = 5_000;

/**
 * Milliseconds for which a change of a node's services is held back before the others hear of it. Moleculer's second
 * would leave a gap in a rolling restart: the new instance is ready, but nobody calls it yet.
 */
const announceMs = 50;
/**
 * Seconds between heartbeats, and after which a silent node gets no more calls: a frozen one keeps its share till then.
 * Moleculer looks once in that time, so it takes up to twice as long; that must be within `requestTimeoutMs`, or calls
 * to the frozen node time out before they could be made again elsewhere.
 */
const heartbeatInterval = 1;
const heartbeatTimeout = 4;

/** How every Postbox node is set up, whatever services it runs. */
export function brokerOptions(config: Config): BrokerOptions {
  const { middlewares, ...options } = guards();
  return {
    ...options,
    namespace,
    nodeID: nodeId(config),
    logger: logger(config),
    // As options: Moleculer's own parsing of a URL drops `tls://` and does not decode passwords.
    transporter: new NatsTransporter(natsOptions(config)),
    // Moleculer's types leave this option out.
    transit: { serviceChangedDebounceTime: announceMs } as NonNullable<BrokerOptions["transit"]>,
    heartbeatInterval,
    heartbeatTimeout,
    requestTimeout: requestTimeoutMs,
    // For callers that ask for it: a call that changes nothing may be made again when its node went away.
    retryPolicy: { enabled: true, retries: 0, check: (error) => error instanceof Errors.RequestRejectedError },
    middlewares: [...middlewares, wireGuard(config), telemetry(config)],
    tracking: { enabled: true, shutdownTimeout: shutdownTimeoutMs },
  };
}

/** For a person in local, for a collector elsewhere. */
function logger({ ENVIRONMENT, LOG_LEVEL: level }: Config): NonNullable<BrokerOptions["logger"]> {
  return ENVIRONMENT === "local"
    ? { type: "Console", options: { level, colors: false, formatter: "full" } }
    : { type: "Pino", options: { level } };
}
