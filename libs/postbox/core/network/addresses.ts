import { isIP } from "node:net";

/** An origin as a browser sends it: scheme, host, and the port unless it is the scheme's default. */
export function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value && value !== "null";
}

export const isAddress = (value: string): boolean => isIP(value) !== 0;

/** Whether only this machine reaches a server at the address. */
export const isLoopback = (address: string): boolean => /^(127\.|::1$)/.test(address);

/** An address, or a network with its prefix length: `10.0.0.0/8`, `fd00::/8`. */
export function isNetwork(value: string): boolean {
  const [address = "", prefix, ...rest] = value.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

/** The name of a header. Not `*`, which names no header in requests with credentials. */
export const isHeaderName = (value: string): boolean => /^[\w.-]+$/.test(value);
