import type { ServerResponse } from "node:http";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { dataHeaders } from "../answers/headers.ts";
import { send } from "../answers/send.ts";
import type { Incoming } from "../requests/incoming.ts";
import { pathOf } from "../requests/url.ts";
import type { RouteTable } from "../routes/route-table.ts";

/** Seconds for which a browser may keep the answer to a preflight. */
const maxAgeSeconds = 600;

const requestHeaders = "Authorization, Content-Type, Idempotency-Key, X-Request-ID";
const exposedHeaders =
  "Deprecation, Idempotent-Replayed, RateLimit, RateLimit-Policy, Retry-After, Sunset, X-Request-ID";

/** Lets pages of the request's origin read the answer, if `origins` has exactly that origin. @returns whether it has. */
export function addCorsHeaders({ headers: { origin }, answerHeaders }: Incoming, origins: readonly string[]): boolean {
  if (origins.length === 0) return false;
  answerHeaders.push("Vary", "Origin");
  if (origin === undefined || !origins.includes(origin)) return false;
  answerHeaders.push("Access-Control-Allow-Origin", origin);
  answerHeaders.push("Access-Control-Allow-Credentials", "true");
  answerHeaders.push("Access-Control-Expose-Headers", exposedHeaders);
  return true;
}

/**
 * Answers OPTIONS with the methods of the path; a preflight of an allowed origin also gets its CORS headers. No action is
 * called.
 *
 * @throws PostboxError `not-found`.
 */
export function answerOptions(req: Incoming, res: ServerResponse, table: RouteTable, allowed: boolean): void {
  const methods = table.methodsOf(pathOf(req));
  if (methods.length === 0) throw new PostboxError("not-found");
  const lines = [...dataHeaders, ...req.answerHeaders, "Allow", [...methods, "OPTIONS"].join(", ")];
  if (allowed && req.headers["access-control-request-method"] !== undefined) {
    lines.push("Access-Control-Allow-Methods", methods.join(", "));
    lines.push("Access-Control-Allow-Headers", requestHeaders);
    lines.push("Access-Control-Max-Age", `${maxAgeSeconds}`);
  }
  send(req, res, 204, lines);
}
