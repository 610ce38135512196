import { randomUUID } from "node:crypto";
import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { addHeaders, dataHeaders } from "../answers/headers.ts";
import { problem, problemHeaders } from "../answers/problem.ts";

/** What Node's parser says of a request that it cannot read. */
export interface ParserError extends Error {
  readonly code?: string;
  readonly reason?: string;
  /** The bytes that it was reading. */
  readonly rawPacket?: Buffer;
  /** How many of them it could read. */
  readonly bytesParsed?: number;
}

/** Bytes of a request's first line that are looked at. */
const maxLineLength = 8_192;
/** Milliseconds for which a connection stays open after its last answer, so that a client that still sends reads it. */
const lingerMs = 2_000;

/** The error as its client may see it. */
export function requestError({ code, reason, rawPacket, bytesParsed = 0 }: ParserError): PostboxError {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new PostboxError("request-timeout", "The request did not arrive in time; send it again.");
    case "HPE_HEADER_OVERFLOW":
      return new PostboxError(rawPacket && hasLongTarget(rawPacket) ? "uri-too-long" : "headers-too-large");
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new PostboxError("payload-too-large");
    case "HPE_INVALID_VERSION":
      return new PostboxError("http-version-unsupported", "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
    case "HPE_INVALID_METHOD":
      return new PostboxError(rawPacket && hasMethod(rawPacket, bytesParsed) ? "not-implemented" : "malformed-request");
    case "HPE_INVALID_TRANSFER_ENCODING":
      // A length beside it is an attempt to have two servers see two different requests.
      return new PostboxError(reason?.includes("Content-Length") ? "malformed-request" : "not-implemented");
    default:
      return new PostboxError("malformed-request", "This is no request of HTTP/1.1.");
  }
}

/** Whether the line at which reading ended begins a request, with a method of whatever name. */
function hasMethod(packet: Buffer, bytesParsed: number): boolean {
  const start = bytesParsed === 0 ? 0 : packet.lastIndexOf("\n", bytesParsed - 1) + 1;
  return /^[A-Z][A-Z-]{1,30} \S+ HTTP\/1\.[01]\r\n/.test(packet.toString("latin1", start, start + maxLineLength));
}

/** Whether the first line of a message is what makes its head too large. */
function hasLongTarget(packet: Buffer): boolean {
  const end = packet.indexOf("\n");
  return end < 0 || end > maxLineLength;
}

/** Answers on a connection that has no request, and ends it. */
export function answerRaw(socket: Duplex, error: PostboxError): void {
  const sent = problem(error, randomUUID());
  const body = JSON.stringify(sent);
  const lines = ["Connection", "close", "X-Request-ID", sent.request_id, ...dataHeaders];
  addHeaders(lines, { ...problemHeaders(sent, error), "Content-Length": `${Buffer.byteLength(body)}` });
  const headers = lines.reduce((text, part, at) => text + part + (at % 2 === 0 ? ": " : "\r\n"), "");
  socket.end(`HTTP/1.1 ${sent.status} ${STATUS_CODES[sent.status]}\r\n${headers}\r\n${body}`);
  const linger = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(linger));
}

/**
 * Ends a connection whose client sent something that cannot be read, or not in time. The answer goes where it belongs:
 *
 * - The body of the connection's last request is broken: that request is answered, by `refuse`.
 * - What came after the last request is broken: the refusal follows that request's answer.
 * - That request has its answer already: the rest of its body is not waited for.
 * - The client has gone: the connection is cut.
 *
 * @param last the answer to the last request that was read on the connection.
 */
export function endUnreadable(
  error: ParserError,
  socket: Duplex,
  last: ServerResponse | undefined,
  refuse: (last: ServerResponse, error: PostboxError) => void,
): void {
  if (!socket.writable || error.code === "ECONNRESET") socket.destroy();
  else if (last && !last.req.complete) {
    if (last.headersSent) last.end();
    else refuse(last, requestError(error));
  } else if (last && !last.closed) last.once("close", () => socket.writable && answerRaw(socket, requestError(error)));
  else answerRaw(socket, requestError(error));
}
