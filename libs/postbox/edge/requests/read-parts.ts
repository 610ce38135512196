import type { IncomingMessage } from "node:http";
import { readPairs } from "../routes/encoding.ts";
import type { Route } from "../routes/route.ts";
import { readBody } from "./body.ts";
import { type Cookies, readCookies } from "./cookies.ts";
import type { Incoming } from "./incoming.ts";
import { queryOf } from "./url.ts";

/** The `ctx.params` of an action: the parts of the request that its schema names, kept apart. */
export interface RequestParts {
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string | string[]>>;
  body?: unknown;
  cookies?: Cookies;
}

/**
 * Reads the parts of a request that its route takes. What else was sent is ignored.
 *
 * @throws PostboxError `malformed-request`, `payload-too-large`, `unsupported-media-type`.
 */
export function readParts(
  req: Pick<Incoming, "pathParams" | "proceed"> & IncomingMessage,
  { parts }: Pick<Route, "parts">,
): RequestParts | Promise<RequestParts> {
  const read: RequestParts = {};
  if (parts.params) read.params = req.pathParams ?? {};
  if (parts.query) read.query = readPairs(queryOf(req));
  if (parts.cookies.length > 0) read.cookies = readCookies(req.headers.cookie, parts.cookies, parts.cookieLists);
  if (!parts.body) return read;
  return readBody(req, parts.body).then((body) => (body === undefined ? read : { ...read, body }));
}
