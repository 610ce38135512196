import type { ServerResponse } from "node:http";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { dataHeaders } from "../answers/headers.ts";
import { send } from "../answers/send.ts";
import type { Incoming } from "../requests/incoming.ts";
import { pathOf, wholeServer } from "../requests/url.ts";
import { methods } from "../routes/route.ts";

/** Seconds for which a browser may keep the answer to a preflight. */
const maxAgeSeconds = 600;

/** Headers that the gateway itself reads. */
const readHeaders = ["Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID"];
const exposedHeaders =
  "Deprecation, Idempotent-Replayed, RateLimit, RateLimit-Policy, Retry-After, Sunset, X-Request-ID";

/** Which pages may call. */
export interface CorsPolicy {
  /** Their origins, as a browser writes them: `https://app.example.com`. */
  readonly origins: readonly string[];
  /** Headers that they may send beside those that the gateway reads. */
  readonly headers: readonly string[];
}

/** The methods of a path; none if there is no such path. */
export type MethodsOf = (path: string) => readonly string[];

/** Lets pages of the request's origin read the answer, if `origins` has exactly that origin. @returns whether it has. */
export function addCorsHeaders(
  { headers: { origin }, answerHeaders }: Incoming,
  { origins }: Pick<CorsPolicy, "origins">,
): boolean {
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
 * @param cors undefined: the page may not call.
 * @throws PostboxError `not-found`, `malformed-request`.
 */
export function answerOptions(
  req: Incoming,
  res: ServerResponse,
  methodsOf: MethodsOf,
  cors: Pick<CorsPolicy, "headers"> | undefined,
): void {
  const path = pathOf(req);
  const allow = path === wholeServer ? ["HEAD", ...methods] : methodsOf(path);
  if (allow.length === 0) throw new PostboxError("not-found");
  const lines = [...dataHeaders, ...req.answerHeaders, "Allow", [...allow, "OPTIONS"].join(", ")];
  if (cors && req.headers["access-control-request-method"] !== undefined) {
    lines.push("Access-Control-Allow-Methods", allow.join(", "));
    lines.push("Access-Control-Allow-Headers", [...readHeaders, ...cors.headers].join(", "));
    lines.push("Access-Control-Max-Age", `${maxAgeSeconds}`);
  }
  send(req, res, 204, lines);
}
