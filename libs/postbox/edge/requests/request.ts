import type { IncomingMessage } from "node:http";
import type { Route } from "../routes/route.ts";
import { readPairs } from "../routes/text.ts";
import { readBody } from "./body.ts";
import { readCookies } from "./cookies.ts";

/** What an action gets as `ctx.params`: the parts of the request that its schema names, kept apart. */
export interface RequestParts {
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string | string[]>>;
  body?: unknown;
  cookies?: Readonly<Record<string, string>>;
}

/**
 * Reads the parts of a request that a route takes; what else was sent is not looked at.
 *
 * @throws PostboxError `malformed-request`, `payload-too-large`, `unsupported-media-type`.
 */
export function readParts(
  req: IncomingMessage,
  { parts }: Route,
  pathParams: Readonly<Record<string, string>>,
): RequestParts | Promise<RequestParts> {
  const read: RequestParts = {};
  if (parts.params) read.params = pathParams;
  if (parts.query) read.query = readPairs(queryOf(req.url ?? ""));
  if (parts.cookies.length > 0) read.cookies = readCookies(req.headers.cookie, parts.cookies);
  if (!parts.body) return read;
  return readBody(req, parts.body).then((body) => (body === undefined ? read : { ...read, body }));
}

function queryOf(url: string): string {
  const at = url.indexOf("?");
  return at < 0 ? "" : url.slice(at + 1);
}
