import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Server as TcpServer } from "node:net";
import type { Duplex } from "node:stream";

/** Milliseconds that a request may take to arrive. */
export interface RequestTimeouts {
  /** Until its headers are there. Default 10,000. */
  readonly headers: number;
  /** Until all of it is there. Default 30,000. */
  readonly request: number;
}

const defaultTimeouts: RequestTimeouts = { headers: 10_000, request: 30_000 };
/** Milliseconds between two checks of these limits. */
const checkIntervalMs = 1_000;
/** Milliseconds that an idle connection is kept. Load balancers keep theirs for 60 s, and must be the first to close. */
const keepAliveMs = 65_000;

/** Milliseconds between two looks of a stopping server for connections that have become idle. */
const idleCheckMs = 50;
/**
 * Milliseconds for which a stopping server keeps idle connections: a request that is just being sent on one would be lost.
 * Its answer says that the connection ends.
 */
const idleGraceMs = 500;

/** An HTTP server that slow and broken clients cost little. */
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

/** Answers a request that cannot be read as HTTP, or has not arrived in time. */
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
 * Stops a server in four steps: it takes no new connection, lets requests under way end, closes connections that are idle
 * after half a second, and after `graceMs` milliseconds all that are left, half-sent requests included.
 *
 * Answers that are sent meanwhile must say `Connection: close`.
 */
export function closeGracefully(server: Server, graceMs = 10_000): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const graceOver = setTimeout(() => server.closeAllConnections(), graceMs);
    const begin = performance.now();
    const idle = setInterval(() => {
      if (performance.now() - begin >= idleGraceMs) server.closeIdleConnections();
    }, idleCheckMs);
    // Not the `close` of the HTTP server, which closes idle connections at once.
    TcpServer.prototype.close.call(server, () => {
      clearTimeout(graceOver);
      clearInterval(idle);
      // Ends the server's timer for slow requests.
      server.close();
      resolve();
    });
  });
}
