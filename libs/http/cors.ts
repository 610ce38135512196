import type { IncomingMessage, ServerResponse } from "node:http";
import { PostboxError } from "../errors/postbox-error.ts";
import type { RouteTable } from "./route-table.ts";

/** Seconds for which a browser may remember what a preflight answered. */
const maxAgeSeconds = 600;

const requestHeaders = "Authorization, Content-Type, Idempotency-Key, X-Request-ID";
const exposedHeaders =
  "Deprecation, Idempotent-Replayed, RateLimit, RateLimit-Policy, Retry-After, Sunset, X-Request-ID";

/** Allows the page of an origin to read an answer, if the origin is on the list, character by character. */
export function setCorsHeaders(req: IncomingMessage, res: ServerResponse, origins: readonly string[]): boolean {
  if (origins.length === 0) return false;
  res.setHeader("Vary", "Origin");
  const { origin } = req.headers;
  if (origin === undefined || !origins.includes(origin)) return false;
  res.setHeader("Access-Control-Allow-Origin", origin);
  res.setHeader("Access-Control-Allow-Credentials", "true");
  res.setHeader("Access-Control-Expose-Headers", exposedHeaders);
  return true;
}

/**
 * Answers OPTIONS: which methods the path takes, and to a page that may call, that it may. It never reaches an action.
 *
 * @throws PostboxError `not-found`.
 */
export function answerOptions(req: IncomingMessage, res: ServerResponse, table: RouteTable, allowed: boolean): void {
  const [path = ""] = (req.url ?? "").split("?");
  const methods = table.methodsOf(path);
  if (methods.length === 0) throw new PostboxError("not-found");
  res.setHeader("Allow", [...methods, "OPTIONS"].join(", "));
  if (allowed && req.headers["access-control-request-method"] !== undefined) {
    res.setHeader("Access-Control-Allow-Methods", methods.join(", "));
    res.setHeader("Access-Control-Allow-Headers", requestHeaders);
    res.setHeader("Access-Control-Max-Age", `${maxAgeSeconds}`);
  }
  res.writeHead(204).end();
}
