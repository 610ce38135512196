/**
 * The values of the cookies named, from a `Cookie` header. Others belong to somebody else on this host and are left
 * out. The first of a name counts (RFC 6265, 5.4: the one with the longest path).
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
