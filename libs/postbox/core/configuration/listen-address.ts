import { isIPv6 } from "node:net";
import type { Config } from "./read.ts";

type Listening = Pick<Config, "ENVIRONMENT" | "LISTEN_ADDRESS">;

const loopback = "127.0.0.1";
const everywhere = ["0.0.0.0", "::"];

/**
 * The address on which the servers of this process listen; undefined means all addresses. Local defaults to loopback,
 * because its secrets may be the placeholders that everybody knows.
 */
export function listenAddress({ ENVIRONMENT, LISTEN_ADDRESS }: Listening): string | undefined {
  return LISTEN_ADDRESS ?? (ENVIRONMENT === "local" ? loopback : undefined);
}

/** The URL by which this machine reaches a server of this process. */
export function ownUrl(config: Listening, port: number): string {
  const address = listenAddress(config) ?? loopback;
  const host = everywhere.includes(address) ? loopback : address;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
