import { type ConnectionOptions, connect, type NatsConnection, type TlsOptions } from "nats";
import type { Config } from "../../core/configuration/read.ts";

/**
 * The options of every connection to NATS that this process opens.
 *
 * - No connection gives up. By default the client closes for good after 21 s without a server, and at the second refusal
 *   of a password, which may just be changing.
 * - A server that stops answering is noticed at the third ping, after 6 to 9 s.
 * - Replies arrive at an inbox that only this process's NATS user may subscribe to.
 */
export function natsOptions({ NATS_URL, NATS_USER, NATS_PASSWORD }: Config): ConnectionOptions {
  // The client takes host and port from a URL and ignores the rest.
  const url = new URL(NATS_URL ?? "nats://127.0.0.1:4222");
  const user = NATS_USER ?? decodeURIComponent(url.username);
  const pass = NATS_PASSWORD ?? decodeURIComponent(url.password);
  return {
    servers: url.host,
    // With TLS options the client refuses a server without TLS.
    ...(url.protocol === "tls:" && { tls: tlsOptions(url) }),
    ...(user !== "" && { user, inboxPrefix: inboxPrefix(user) }),
    ...(pass !== "" && { pass }),
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 250,
    pingInterval: 3_000,
    maxPingOut: 2,
    // Otherwise each publish captures two stack traces, which say no more than the error itself.
    noAsyncTraces: true,
  };
}

/** Names the host that the certificate must be for. For an IP address the client names none, and Node takes `localhost`. */
function tlsOptions({ hostname }: URL): TlsOptions & { readonly host: string } {
  return { host: hostname.replaceAll(/[[\]]/g, "") };
}

/** The subject under which replies to a NATS user's requests arrive. */
export const inboxPrefix = (user: string): string => `_INBOX_${user}`;

/** Connects, waiting for a server for as long as it takes. `name` is shown by the server's monitoring. */
export function connectNats(config: Config, name: string): Promise<NatsConnection> {
  return connect({ ...natsOptions(config), name, timeout: 5_000, waitOnFirstConnect: true });
}
