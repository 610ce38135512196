import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Server as TcpServer } from "node:net";
import type { Duplex } from "node:stream";

/** How long a request may take to arrive, in milliseconds. */
export interface RequestTimeouts {
  /** Its headers. Default 10 s. */
  readonly headers: number;
  /** All of it. Default 30 s. */
  readonly request: number;
}

const defaultTimeouts: RequestTimeouts = { headers: 10_000, request: 30_000 };
/** How often requests are held against those limits. */
const checkIntervalMs = 1_000;
/** Milliseconds that an idle connection is kept: more than a load balancer's usual 60 s, so that it closes first. */
const keepAliveMs = 65_000;

/** How often a server that stops looks for connections that have become idle. */
const idleCheckMs = 50;
/**
 * Milliseconds for which a server that stops keeps idle connections: a request that is just being sent on one would be
 * lost. It is answered, with the word that the connection ends there.
 */
const idleGraceMs = 500;

/** An HTTP server whose slow or broken clients cost it little. */
export function openServer(
  handle: (req: IncomingMessage, res: ServerResponse) => void,
  { headers, request } = defaultTimeouts,
): Server {
  const server = createServer(
    {
      headersTimeout: headers,
      requestTimeout: request,
      connectionsCheckingInterval: Math.min(checkIntervalMs, headers),
      keepAliveTimeout: keepAliveMs,
    },
    handle,
  );
  server.on("clientError", refuse);
  return server;
}

/** Answers what could not be read as HTTP, or did not arrive in time. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) return;
  const status = unreadable[error.code ?? ""] ?? "400 Bad Request";
  const body = JSON.stringify({
    title: status.slice(4),
    status: Number(status.slice(0, 3)),
    code: "malformed-request",
  });
  const headers = `Connection: close\r\nContent-Type: application/problem+json\r\nContent-Length: ${body.length}`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`);
}

const unreadable: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
};

/**
 * Stops a server: takes no new connection, lets requests under way end, closes idle connections a moment later, and what
 * is still open after the grace time (in milliseconds), half-sent requests too. What it answers meanwhile must say
 * `Connection: close`.
 */
export function closeGracefully(server: Server, graceMs = 10_000): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), graceMs);
    const begin = performance.now();
    const idle = setInterval(() => {
      if (performance.now() - begin >= idleGraceMs) server.closeIdleConnections();
    }, idleCheckMs);
    // Not the HTTP server's own, which closes idle connections at once.
    TcpServer.prototype.close.call(server, () => {
      clearTimeout(late);
      clearInterval(idle);
      // Ends the timer by which it looked for slow requests.
      server.close();
      resolve();
    });
  });
}
