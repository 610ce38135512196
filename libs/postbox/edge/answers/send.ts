import type { ServerResponse } from "node:http";
import type { Meta } from "../actions/meta.ts";
import { hasBody } from "../requests/body.ts";
import type { HeaderLines, Incoming } from "../requests/incoming.ts";
import { deprecationHeaders } from "../routes/deprecation.ts";
import type { Route } from "../routes/route.ts";
import { codingFor, compress, isLarge } from "./compress.ts";
import { addHeaders, dataHeaders } from "./headers.ts";
import { type Problem, problem, problemHeaders } from "./problem.ts";

const json = ["Content-Type", "application/json; charset=utf-8"];

/**
 * Sends an action's result: JSON, or text as it is if the action set a `Content-Type`; with the status its declaration
 * names unless the action set another.
 */
export function sendResult(
  req: Incoming,
  res: ServerResponse,
  { status, deprecation }: Route,
  { $statusCode = status, $responseHeaders }: Meta,
  result: unknown,
): void | Promise<void> {
  const lines = [...dataHeaders, ...req.answerHeaders];
  if (deprecation) addHeaders(lines, deprecationHeaders(deprecation));
  if ($responseHeaders) addHeaders(lines, $responseHeaders);
  if (result === undefined || $statusCode === 204) return send(req, res, $statusCode, lines);
  const written = typeof result === "string" && $responseHeaders?.["Content-Type"] !== undefined;
  if (!written) lines.push(...json);
  const body = written ? result : JSON.stringify(result);
  // An action that names the coding of its answer has applied it.
  const asIs = $responseHeaders?.["Content-Encoding"] !== undefined;
  return asIs ? send(req, res, $statusCode, lines, body) : sendCompressed(req, res, $statusCode, lines, body);
}

/** Sends an answer, compressed if it is large and the client takes that. */
export function sendCompressed(
  req: Incoming,
  res: ServerResponse,
  status: number,
  lines: HeaderLines,
  body: string | Buffer,
): void | Promise<void> {
  if (!isLarge(body)) return send(req, res, status, lines, body);
  lines.push("Vary", "Accept-Encoding");
  const coding = codingFor(req.headers["accept-encoding"]);
  if (!coding) return send(req, res, status, lines, body);
  lines.push("Content-Encoding", coding);
  return compress(coding, body).then((compressed) => send(req, res, status, lines, compressed));
}

/** Sends an error as a problem, and says which; nothing more can be said once an answer has begun. */
export function sendProblem(req: Incoming, res: ServerResponse, error: unknown): Problem {
  const told = problem(error, req.id);
  if (res.headersSent) {
    res.destroy();
    return told;
  }
  const lines = [...dataHeaders, ...req.answerHeaders];
  addHeaders(lines, problemHeaders(told, error));
  send(req, res, told.status, lines, JSON.stringify(told));
  return told;
}

/** Sends an answer. A body that nobody read would have to be taken in before the next request: close instead. */
export function send(
  req: Incoming,
  res: ServerResponse,
  status: number,
  lines: HeaderLines,
  body: string | Buffer = "",
): void {
  if (!req.complete && hasBody(req)) lines.push("Connection", "close");
  if (status !== 204) lines.push("Content-Length", `${Buffer.byteLength(body)}`);
  res.writeHead(status, lines);
  res.end(req.method === "HEAD" || status === 204 ? undefined : body);
}
