import { connect, type NatsConnection } from "nats";
import type { Config } from "../config/read.ts";

/**
 * Opens a connection that never gives up: the client's defaults close for good after 21 s without a server.
 * A server that stops answering is noticed after two pings, 10 s.
 */
export function connectNats(config: Config, name: string): Promise<NatsConnection> {
  return connect({
    servers: config.NATS_URL ?? "nats://127.0.0.1:4222",
    name,
    ...(config.NATS_USER === undefined ? {} : { user: config.NATS_USER }),
    ...(config.NATS_PASSWORD === undefined ? {} : { pass: config.NATS_PASSWORD }),
    ...(config.NATS_USER === undefined ? {} : { inboxPrefix: `_INBOX_${config.NATS_USER}` }),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    pingInterval: 5_000,
    maxPingOut: 2,
    timeout: 5_000,
    waitOnFirstConnect: true,
  });
}
