import type { IncomingMessage } from "node:http";

type Addressed = Pick<IncomingMessage, "url">;

/** The target of `OPTIONS *`: the server itself. */
export const wholeServer = "*";

/**
 * The target of a request as path and query, also where it was sent in absolute form, `http://host/path?query` (RFC 9112,
 * 3.2.2). Undefined: it is of no form that a server takes.
 */
export function originForm(url: string): string | undefined {
  if (url.startsWith("/") || url === wholeServer) return url;
  const [, rest] = /^https?:\/\/[^/?#]+(.*)$/i.exec(url) ?? [];
  if (rest === undefined) return undefined;
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/** The path of a request, as it was sent, but for one slash at its end: `/auth/login/` is `/auth/login`, for every method. */
export function pathOf({ url = "/" }: Addressed): string {
  const query = url.indexOf("?");
  const end = query < 0 ? url.length : query;
  return url.slice(0, end > 1 && url[end - 1] === "/" ? end - 1 : end);
}

/** The query of a request, as it was sent, without its `?`. */
export function queryOf({ url = "/" }: Addressed): string {
  const at = url.indexOf("?");
  return at < 0 ? "" : url.slice(at + 1);
}
