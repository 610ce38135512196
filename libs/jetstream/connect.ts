import { type ConnectionOptions, connect, type NatsConnection } from "nats";
import type { Config } from "../config/read.ts";

/**
 * How this process reaches NATS, for every connection it opens. None ever gives up: the client's defaults close for
 * good after 21 s without a server. A server that stops answering is noticed after two pings, 10 s. Answers come to
 * an inbox that only this process's user may listen to.
 */
export function natsOptions({ NATS_URL, NATS_USER, NATS_PASSWORD }: Config): ConnectionOptions {
  const servers = NATS_URL ?? "nats://127.0.0.1:4222";
  return {
    servers,
    // The client takes the address of a `tls://` URL and forgets the rest; this makes it refuse a server without TLS.
    ...(servers.startsWith("tls:") && { tls: {} }),
    ...(NATS_USER !== undefined && { user: NATS_USER, inboxPrefix: inboxPrefix(NATS_USER) }),
    ...(NATS_PASSWORD !== undefined && { pass: NATS_PASSWORD }),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    pingInterval: 5_000,
    maxPingOut: 2,
  };
}

/** The subject under which the answers to a NATS user's requests arrive. */
export const inboxPrefix = (user: string): string => `_INBOX_${user}`;

export function connectNats(config: Config, name: string): Promise<NatsConnection> {
  return connect({ ...natsOptions(config), name, timeout: 5_000, waitOnFirstConnect: true });
}
