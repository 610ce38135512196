import { type ConnectionOptions, connect, type NatsConnection, type TlsOptions } from "nats";
import type { Config } from "../../core/configuration/read.ts";

/**
 * How this process reaches NATS, for every connection it opens. None ever gives up: the client's defaults close for
 * good after 21 s without a server, and at the second refusal of a password, which may be changing. A server that stops
 * answering is noticed at the third ping, after 6 to 9 s. Answers come to an inbox that only this process's user may
 * listen to.
 */
export function natsOptions({ NATS_URL, NATS_USER, NATS_PASSWORD }: Config): ConnectionOptions {
  // The client takes host and port of a URL and forgets the rest.
  const url = new URL(NATS_URL ?? "nats://127.0.0.1:4222");
  const user = NATS_USER ?? decodeURIComponent(url.username);
  const pass = NATS_PASSWORD ?? decodeURIComponent(url.password);
  return {
    servers: url.host,
    // Makes it refuse a server without TLS.
    ...(url.protocol === "tls:" && { tls: withHost(url) }),
    ...(user !== "" && { user, inboxPrefix: inboxPrefix(user) }),
    ...(pass !== "" && { pass }),
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 250,
    pingInterval: 3_000,
    maxPingOut: 2,
    // Else each publish takes two stack traces, which tell no more than what the error itself says.
    noAsyncTraces: true,
  };
}

/** For a server named by an address, the client gives no name to hold the certificate against; Node then takes `localhost`. */
function withHost({ hostname }: URL): TlsOptions & { readonly host: string } {
  return { host: hostname.replaceAll(/[[\]]/g, "") };
}

/** The subject under which the answers to a NATS user's requests arrive. */
export const inboxPrefix = (user: string): string => `_INBOX_${user}`;

export function connectNats(config: Config, name: string): Promise<NatsConnection> {
  return connect({ ...natsOptions(config), name, timeout: 5_000, waitOnFirstConnect: true });
}
