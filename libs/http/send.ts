import type { IncomingMessage, ServerResponse } from "node:http";
import type { Meta } from "../moleculer/meta.ts";
import { hasBody } from "./body.ts";
import { gzipped, wantsGzip } from "./compress.ts";
import { deprecationHeaders } from "./deprecation.ts";
import { type Problem, problem, problemHeaders } from "./problem.ts";
import type { Route } from "./route.ts";

/**
 * Sends an action's result: JSON, or text as it is if the action set a `Content-Type`; with the status its declaration
 * names unless the action set another. Large answers are compressed if the client takes that.
 */
export async function sendResult(
  req: IncomingMessage,
  res: ServerResponse,
  { status, deprecation }: Route,
  meta: Meta,
  result: unknown,
): Promise<void> {
  res.statusCode = meta.$statusCode ?? status;
  if (deprecation) setHeaders(res, deprecationHeaders(deprecation));
  if (meta.$responseHeaders) setHeaders(res, meta.$responseHeaders);
  if (result === undefined || res.statusCode === 204) return end(req, res);
  const written = typeof result === "string" && res.hasHeader("Content-Type");
  if (!written) res.setHeader("Content-Type", "application/json; charset=utf-8");
  const body = written ? result : JSON.stringify(result);
  if (!wantsGzip(req, body)) return end(req, res, body);
  res.setHeader("Content-Encoding", "gzip");
  res.appendHeader("Vary", "Accept-Encoding");
  end(req, res, await gzipped(body));
}

/** Sends an error as a problem, and says which; nothing more can be said once an answer has begun. */
export function sendProblem(req: IncomingMessage, res: ServerResponse, error: unknown, requestId: string): Problem {
  const told = problem(error, requestId);
  if (res.headersSent) {
    res.destroy();
    return told;
  }
  res.statusCode = told.status;
  setHeaders(res, problemHeaders(told, error));
  end(req, res, JSON.stringify(told));
  return told;
}

/** Ends the answer. A body that nobody read would have to be taken in before the next request: close instead. */
function end(req: IncomingMessage, res: ServerResponse, body?: string | Buffer): void {
  if (!req.complete && hasBody(req)) res.setHeader("Connection", "close");
  res.end(req.method === "HEAD" ? undefined : body);
}

function setHeaders(res: ServerResponse, headers: Readonly<Record<string, string | readonly string[]>>): void {
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
}
