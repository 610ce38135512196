import type { IncomingHttpHeaders } from "node:http";
import { BlockList, isIP } from "node:net";
import type { Client } from "./client.ts";
import { forwardedFor, lastFirst } from "./forwarded-list.ts";
import type { Incoming } from "./incoming.ts";
import { canonical, readAddress } from "./ip-address.ts";

/** Finds the client of a request, also behind trusted proxies. */
export type FindClient = (req: Incoming) => Client;

/**
 * The client is the last address in `X-Forwarded-For` that is no trusted proxy: each proxy appends the address that it was
 * called from. The client sent all that stands before, which could be anything.
 *
 * `Forwarded` (RFC 7239) is read where there is no `X-Forwarded-For`. A proxy that writes one of them hands the other on as
 * the client sent it, and nearly all proxies write `X-Forwarded-For`.
 *
 * @param onUnreadable hears of each request whose client cannot be read: from which proxy, and what that proxy wrote.
 */
export function clientFinder(
  trustedProxies: readonly string[],
  onUnreadable: (proxy: string, written: string) => void,
): FindClient {
  const trusted = trustedNetworks(trustedProxies);
  const isTrusted = (address: string) => trusted.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");
  const peers = new WeakMap<object, Client & { readonly proxy?: string }>();

  const peerOf = (socket: Incoming["socket"]) => {
    const address = canonical(socket.remoteAddress ?? "") ?? "";
    const peer = { address, network: clientNetwork(address), ...(isTrusted(address) && { proxy: address }) };
    peers.set(socket, peer);
    return peer;
  };
  const clientBehind = (proxy: string, headers: IncomingHttpHeaders): Client => {
    let nearest = proxy;
    for (const { written, address } of hops(headers)) {
      if (address === undefined) {
        onUnreadable(nearest, written);
        return { address, network: `unreadable ${nearest}` };
      }
      nearest = address;
      if (!isTrusted(address)) break;
    }
    return { address: nearest, network: clientNetwork(nearest) };
  };
  return (req) => {
    const peer = peers.get(req.socket) ?? peerOf(req.socket);
    if (peer.proxy === undefined) return peer;
    req.foundClient ??= clientBehind(peer.proxy, req.headers);
    return req.foundClient;
  };
}

function trustedNetworks(networks: readonly string[]): BlockList {
  const trusted = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    const family = isIP(address) === 4 ? "ipv4" : "ipv6";
    trusted.addSubnet(address, prefix === undefined ? (family === "ipv4" ? 32 : 128) : Number(prefix), family);
  }
  return trusted;
}

/** What each proxy wrote of whom it was called from, the last proxy's word first. */
function* hops(headers: IncomingHttpHeaders): Generator<{ written: string; address: string | undefined }> {
  const { "x-forwarded-for": addresses = "", forwarded = "" } = headers;
  const isForwarded = String(addresses).trim() === "";
  for (const written of lastFirst(isForwarded ? forwarded : String(addresses)))
    yield { written, address: readAddress((isForwarded ? forwardedFor(written) : written) ?? "") };
}

/**
 * What is counted as one client: an IPv4 address, or the 64-bit network of an IPv6 address, all of which one client may have.
 * `clientNetwork("2001:db8:1:2::5")` is `2001:db8:1:2`.
 */
export function clientNetwork(address: string): string {
  const plain = canonical(address) ?? address;
  if (isIP(plain) !== 6) return plain;
  const [head = "", tail] = plain.split("::");
  const before = head.split(":").filter(Boolean);
  const after = tail?.split(":").filter(Boolean) ?? [];
  const filled = [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
  return filled.slice(0, 4).join(":");
}
