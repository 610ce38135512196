import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** Tells the address of the client, behind proxies that are trusted. */
export type ClientAddress = (req: IncomingMessage) => string;

/**
 * Reads `X-Forwarded-For` from its end, where each trusted proxy wrote whom it heard; the first address that is no
 * trusted proxy is the client. What stands before it was sent by the client, and could be anything.
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
    const heard = String(req.headers["x-forwarded-for"] ?? "").split(",");
    let client = peer;
    for (const said of heard.reverse()) {
      const address = plain(said.trim());
      if (isIP(address) === 0) break;
      client = address;
      if (!isTrusted(address)) break;
    }
    return client;
  };
}

/** An IPv4 address as such, also where a dual-stack socket wrote it as IPv6. */
function plain(address: string): string {
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

/** What stands for one client: its address; for IPv6 the network of 64 bits, of which one client may have all. */
export function clientNetwork(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = address.split("::");
  const before = head.split(":").filter(Boolean);
  const after = tail?.split(":").filter(Boolean) ?? [];
  const filled = [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
  return filled.slice(0, 4).join(":");
}
