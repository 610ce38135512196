import { type BrokerOptions, Errors } from "moleculer";
import { namespace } from "../../core/configuration/namespace.ts";
import type { Config } from "../../core/configuration/read.ts";
import { natsOptions } from "../../nats/connection/connect.ts";
import { telemetry } from "../../telemetry/telemetry-middleware.ts";
import { guards } from "./guards.ts";
import { announceAfter } from "./moleculer-internals.ts";
import { NatsTransporter } from "./nats-transporter.ts";
import { nodeId } from "./node-id.ts";
import { wireGuard } from "./wire-guard.ts";

/** Milliseconds that a call may take. Without a limit, a call to a frozen node never ends. */
const requestTimeoutMs = 10_000;
/** Milliseconds for which a process that stops waits for calls under way. */
const shutdownTimeoutMs = 5_000;

/**
 * Milliseconds for which a change of a node's services is held back before other nodes hear of it. Moleculer's default of
 * one second leaves a gap in a rolling restart: the new instance is ready, and nobody calls it yet.
 */
const announceMs = 50;
/** Seconds between heartbeats. */
const heartbeatInterval = 1;
/**
 * Seconds of silence after which a node gets no more calls. Moleculer checks once in this time, so a frozen node keeps its
 * share of calls for up to twice as long. Twice this time must be less than `requestTimeoutMs`: otherwise calls to the
 * frozen node time out before they are made again elsewhere.
 */
const heartbeatTimeout = 4;

/**
 * The options of Moleculer's broker for a Postbox node: transporter, guards of every action, timeouts, logger. A project's
 * `moleculer.config.ts` exports them.
 *
 * @param config what `config()` gives.
 */
export function brokerOptions(config: Config): BrokerOptions {
  const { middlewares, ...options } = guards();
  return {
    ...options,
    namespace,
    nodeID: nodeId(config),
    logger: logger(config),
    // As options: Moleculer's own parsing of a URL drops `tls://` and does not decode passwords.
    transporter: new NatsTransporter(natsOptions(config)),
    transit: announceAfter(announceMs),
    heartbeatInterval,
    heartbeatTimeout,
    requestTimeout: requestTimeoutMs,
    // A call is made again only where its caller sets `retries`, and only when its node went away before it began.
    retryPolicy: { enabled: true, retries: 0, check: (error) => error instanceof Errors.RequestRejectedError },
    middlewares: [...middlewares, wireGuard(config), telemetry(config)],
    tracking: { enabled: true, shutdownTimeout: shutdownTimeoutMs },
  };
}

/** Lines for a person in local, JSON for a collector elsewhere. */
function logger({ ENVIRONMENT, LOG_LEVEL: level }: Config): NonNullable<BrokerOptions["logger"]> {
  return ENVIRONMENT === "local"
    ? { type: "Console", options: { level, colors: false, formatter: "full" } }
    : { type: "Pino", options: { level } };
}
