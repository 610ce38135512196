/** Cookies of a request: of several with one name the first, or all of those whose name is in `lists`. */
export type Cookies = Readonly<Record<string, string | string[]>>;

/**
 * Reads the named cookies from a `Cookie` header. Any other cookie belongs to somebody else on this host. Of several with
 * one name the first counts: it has the longest path (RFC 6265, 5.4). A cookie in `lists` is read as often as it is there.
 */
export function readCookies(
  header: string | undefined,
  names: readonly string[],
  lists: readonly string[] = [],
): Cookies {
  const cookies: Record<string, string | string[]> = {};
  for (const pair of header?.split(";") ?? []) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).trim();
    if (at < 1 || !names.includes(name)) continue;
    const value = pair
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/, "$1");
    const before = Object.hasOwn(cookies, name) ? cookies[name] : undefined;
    if (before === undefined) cookies[name] = lists.includes(name) ? [value] : value;
    else if (Array.isArray(before)) before.push(value);
  }
  return cookies;
}
