import { isIP, isIPv4, SocketAddress } from "node:net";

/** An address in brackets, or an IPv4 address, each with a port as proxies append it (RFC 7239, 6). */
const withPort = /^(?:\[([^\]]+)\](?::[\w.-]+)?|([\d.]+):[\w.-]+)$/;

/**
 * The address in a text that a proxy wrote, in one spelling: `203.0.113.7:50312` and `[::ffff:203.0.113.7]:443` are
 * `203.0.113.7`. Undefined where there is none, as in `unknown` and `_hidden`.
 */
export function readAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  const [, bracketed, before] = withPort.exec(text) ?? [];
  return canonical(bracketed ?? before ?? text);
}

const mapped = "::ffff:";

/**
 * An address in one spelling: lowercase, shortest, without a zone (`%eth0`), and IPv4 without the `::ffff:` that a
 * dual-stack socket puts before it. Undefined: the text is no address.
 */
export function canonical(text: string): string | undefined {
  const zone = text.indexOf("%");
  const bare = zone < 0 ? text : text.slice(0, zone);
  const family = isIP(bare);
  if (family === 0 || (zone >= 0 && family === 4)) return undefined;
  if (family === 4) return bare;
  const { address } = new SocketAddress({ address: bare, family: "ipv6" });
  return address.startsWith(mapped) && isIPv4(address.slice(mapped.length)) ? address.slice(mapped.length) : address;
}
