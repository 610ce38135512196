import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Server as TcpServer } from "node:net";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { answerRaw, endUnreadable, type ParserError } from "./unreadable.ts";

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

/** Milliseconds after which a stopping server checks again for connections that have become idle. */
const idleCheckMs = 50;
/**
 * Milliseconds for which a stopping server keeps idle connections: a request that is just being sent on one would be lost.
 * Its answer says that the connection ends.
 */
const idleGraceMs = 500;

/** How a server answers. */
export interface ServerPolicy {
  /** Answers a request. With `Expect: 100-continue`, `proceed` asks for its body; without that call none is sent. */
  readonly handle: (req: IncomingMessage, res: ServerResponse, proceed?: () => void) => void;
  /** Answers a request whose body cannot be read, or has not arrived in time. */
  readonly refuse: (req: IncomingMessage, res: ServerResponse, error: PostboxError) => void;
}

/** An HTTP server that slow and broken clients cost little. */
export function openServer({ handle, refuse }: ServerPolicy, { headers, request } = defaultTimeouts): Server {
  const lastAnswers = new WeakMap<object, ServerResponse>();
  const ended = new WeakSet<object>();
  const receive = (req: IncomingMessage, res: ServerResponse, proceed?: () => void) => {
    lastAnswers.set(req.socket, res);
    handle(req, res, proceed);
  };
  const server = createServer({
    headersTimeout: headers,
    requestTimeout: request,
    connectionsCheckingInterval: Math.min(checkIntervalMs, headers),
    keepAliveTimeout: keepAliveMs,
    // Of a header that is sent twice Node would believe the first, and a proxy perhaps the last.
    joinDuplicateHeaders: true,
    // Checked by the handler, whose answers are problems.
    requireHostHeader: false,
  });
  server.on("request", (req, res) => receive(req, res));
  server.on("checkContinue", (req, res) => receive(req, res, () => res.writeContinue()));
  server.on("checkExpectation", (req, res) => receive(req, res));
  server.on("connect", (_req, socket) => answerRaw(socket, new PostboxError("not-implemented")));
  server.on("clientError", (error: ParserError, socket) => {
    const last = lastAnswers.get(socket);
    const isFirst = !ended.has(socket);
    ended.add(socket);
    // Whatever a client goes on to send after its first fault is a fault too.
    if (isFirst || (last?.headersSent && !last.req.complete))
      endUnreadable(error, socket, last, (answer, reason) => refuse(answer.req, answer, reason));
  });
  return server;
}

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
