import { config } from "postbox";

/** A browser takes a cookie of this prefix from this host alone, over https alone (RFC 6265bis, 4.1.3.2). */
const hostPrefix = "__Host-";

/** Pages' scripts cannot read the cookie, and forms of other sites do not send it. */
const guards = "HttpOnly; Secure; SameSite=Lax";

/** Whether cookies are bound to the host: users come by https, and the deployment is not on somebody's machine. */
export function isBound(): boolean {
  const { ENVIRONMENT, PUBLIC_URL } = config();
  return ENVIRONMENT !== "local" && PUBLIC_URL?.startsWith("https:") === true;
}

/** Both names that a cookie of auth may have. The first is trusted more: no neighbouring host can set it. */
export function namesOf<const Name extends string>(name: Name): readonly [`__Host-${Name}`, Name] {
  return [`${hostPrefix}${name}`, name];
}

/** The header line that has a browser keep a cookie for so many seconds. 0: forget it. */
export function cookieLine(name: string, value: string, seconds: number, bound: boolean = isBound()): string {
  const named = bound ? `${hostPrefix}${name}=${value}; Path=/` : `${name}=${value}; Path=/auth`;
  return `${named}; Max-Age=${seconds}; ${guards}`;
}
