/**
 * Reads the named cookies from a `Cookie` header. Any other cookie belongs to somebody else on this host. Of several with
 * one name the first counts: it has the longest path (RFC 6265, 5.4).
 */
export function readCookies(header: string | undefined, names: readonly string[]): Record<string, string> {
  const cookies: Record<string, string> = {};
  for (const pair of header?.split(";") ?? []) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).trim();
    if (at < 1 || !names.includes(name) || Object.hasOwn(cookies, name)) continue;
    cookies[name] = pair
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/, "$1");
  }
  return cookies;
}
