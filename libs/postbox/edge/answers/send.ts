import type { ServerResponse } from "node:http";
import type { Meta } from "../actions/meta.ts";
import { wantedBy } from "../requests/accept.ts";
import { hasBody } from "../requests/body.ts";
import { discardBody } from "../requests/discard-body.ts";
import type { HeaderLines, Incoming } from "../requests/incoming.ts";
import { deprecationHeaders } from "../routes/deprecation.ts";
import type { Route } from "../routes/route.ts";
import { codingFor, compress, isLarge } from "./compress.ts";
import { addHeaders, dataHeaders, hasHeader, without } from "./headers.ts";
import { pageHeaders } from "./page.ts";
import { type Problem, problem, problemHeaders } from "./problem.ts";
import { problemPage } from "./problem-page.ts";

const json = ["Content-Type", "application/json; charset=utf-8"];

/**
 * Sends the result of an action as JSON, with the status that the action declares. Where the action has set a
 * `Content-Type`, a text is sent as it is; where it has set a status, that one counts. A page is sent in place of the
 * result.
 */
export function sendResult(
  req: Incoming,
  res: ServerResponse,
  { status, deprecation }: Route,
  { $statusCode = status, $responseHeaders, $page }: Meta,
  result: unknown,
): void | Promise<void> {
  const common = $page === undefined ? dataHeaders : pageHeaders;
  const lines = [...($responseHeaders ? without(common, $responseHeaders) : common), ...req.answerHeaders];
  if (deprecation) addHeaders(lines, deprecationHeaders(deprecation));
  if ($responseHeaders) addHeaders(lines, $responseHeaders);
  if ($page !== undefined) return sendCompressed(req, res, $statusCode, lines, $page);
  if (result === undefined || $statusCode === 204) return send(req, res, $statusCode, lines);
  const isTyped = hasHeader($responseHeaders, "content-type");
  const asText = typeof result === "string" && isTyped;
  if (!isTyped) lines.push(...json);
  const body = asText ? result : JSON.stringify(result);
  // An action that names the coding of its answer has encoded the answer itself.
  const encoded = hasHeader($responseHeaders, "content-encoding");
  return encoded ? send(req, res, $statusCode, lines, body) : sendCompressed(req, res, $statusCode, lines, body);
}

/** Sends an answer; a large one is compressed if the client accepts that. */
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

/**
 * Sends an error as a problem, to a visitor as a page, and returns the problem. Once an answer has begun, the connection
 * is cut instead.
 */
export function sendProblem(req: Incoming, res: ServerResponse, error: unknown): Problem {
  const sent = problem(error, req.id);
  if (res.headersSent) {
    res.destroy();
    return sent;
  }
  const { "Content-Type": problemType, ...headers } = problemHeaders(sent, error);
  const visited = req.route?.page === true && wantedBy(req.headers.accept) === "page";
  const lines = [...(visited ? pageHeaders : [...dataHeaders, "Content-Type", problemType]), ...req.answerHeaders];
  addHeaders(lines, headers);
  send(req, res, sent.status, lines, visited ? problemPage(sent) : JSON.stringify(sent));
  return sent;
}

/**
 * Sends an answer. The connection closes where a body was left unread: the next request would have to wait for it. The rest
 * of that body is dropped first, so that its client gets to read the answer.
 */
export function send(
  req: Incoming,
  res: ServerResponse,
  status: number,
  lines: HeaderLines,
  body: string | Buffer = "",
): void {
  const isUnread = !req.complete && hasBody(req);
  if (isUnread && !lines.includes("Connection")) lines.push("Connection", "close");
  if (status !== 204) lines.push("Content-Length", `${Buffer.byteLength(body)}`);
  res.writeHead(status, lines);
  const sent = req.method === "HEAD" || status === 204 ? "" : body;
  if (!isUnread) {
    res.end(sent);
    return;
  }
  if (sent.length > 0) res.write(sent);
  else res.flushHeaders();
  req.answered = true;
  discardBody(req, () => res.end());
}
