import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** Finds the address of a request's client, also behind trusted proxies. */
export type ClientAddress = (req: IncomingMessage) => string;

/**
 * The client is the last address of `X-Forwarded-For` that is no trusted proxy: each proxy appends the address that it was
 * called from. The client sent all that stands before, which could be anything.
 */
export function clientAddress(trustedProxies: readonly string[]): ClientAddress {
  const trusted = new BlockList();
  for (const network of trustedProxies) {
    const [address = "", prefix] = network.split("/");
    const family = isIP(address) === 4 ? "ipv4" : "ipv6";
    trusted.addSubnet(address, prefix === undefined ? (family === "ipv4" ? 32 : 128) : Number(prefix), family);
  }
  const isTrusted = (address: string) => trusted.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");
  const peers = new WeakMap<object, string>();
  return (req) => {
    let peer = peers.get(req.socket);
    if (peer === undefined) {
      peer = plain(req.socket.remoteAddress ?? "");
      peers.set(req.socket, peer);
    }
    if (trustedProxies.length === 0 || !isTrusted(peer)) return peer;
    const forwarded = String(req.headers["x-forwarded-for"] ?? "").split(",");
    let client = peer;
    for (const entry of forwarded.reverse()) {
      const address = plain(entry.trim());
      if (isIP(address) === 0) break;
      client = address;
      if (!isTrusted(address)) break;
    }
    return client;
  };
}

/** The address without the `::ffff:` that a dual-stack socket puts before an IPv4 address. */
function plain(address: string): string {
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

/**
 * What is counted as one client: an IPv4 address, or the 64-bit network of an IPv6 address, all of which one client may have.
 * `clientNetwork("2001:db8:1:2::5")` is `2001:db8:1:2`.
 */
export function clientNetwork(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = address.split("::");
  const before = head.split(":").filter(Boolean);
  const after = tail?.split(":").filter(Boolean) ?? [];
  const filled = [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
  return filled.slice(0, 4).join(":");
}
