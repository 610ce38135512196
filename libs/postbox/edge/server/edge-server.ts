import type { Server, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "../../core/network/listen.ts";
import type { Incoming } from "../requests/incoming.ts";
import { requestId } from "../requests/request-id.ts";
import type { RouteTable } from "../routes/route-table.ts";
import { type AccessLog, accessLog } from "./access-log.ts";
import { addCorsHeaders, answerOptions } from "./cors.ts";
import { countRequest } from "./metrics.ts";
import { closeGracefully, openServer } from "./server.ts";

export interface EdgeServerOptions {
  /** Origins whose pages may call, as a browser writes them: `https://app.example.com`. */
  readonly origins: readonly string[];
  /** Whether a line is logged for each request. */
  readonly accessLog: boolean;
}

/** The HTTP server of the gateway, with what holds for every request: its id, CORS, OPTIONS, metrics, the access log. */
export class EdgeServer {
  readonly server: Server;
  readonly #origins: readonly string[];
  readonly #log: AccessLog | undefined;
  readonly #table: () => RouteTable;
  readonly #handle: (req: Incoming, res: ServerResponse) => Promise<void>;
  readonly #refuse: (req: Incoming, res: ServerResponse, error: unknown) => void;
  #closing = false;

  constructor(
    { origins, accessLog: logs }: EdgeServerOptions,
    table: () => RouteTable,
    handle: (req: Incoming, res: ServerResponse) => Promise<void>,
    refuse: (req: Incoming, res: ServerResponse, error: unknown) => void,
  ) {
    this.server = openServer((req, res) => this.#receive(req as Incoming, res));
    this.#origins = origins;
    this.#log = logs ? accessLog() : undefined;
    this.#table = table;
    this.#handle = handle;
    this.#refuse = refuse;
  }

  /** @throws PostboxError `port-taken`, `configuration-invalid`. */
  listen(port: number, address: string | undefined): Promise<void> {
    return listen(this.server, { port, variable: "PORT", address });
  }

  /**
   * Lets requests under way end. For `drainMs` milliseconds the server goes on taking connections, and each answer says that
   * its connection ends: the process is not ready any more, and those who send requests here have to see that first.
   */
  async close(drainMs: number): Promise<void> {
    this.#closing = true;
    if (this.server.listening) await sleep(drainMs);
    await closeGracefully(this.server);
    this.#log?.flush();
  }

  #receive(req: Incoming, res: ServerResponse): void {
    const begin = performance.now();
    req.id = requestId(req.headers["x-request-id"]);
    req.answerHeaders = ["X-Request-ID", req.id];
    if (this.#closing) req.answerHeaders.push("Connection", "close");
    res.once("close", () => {
      const seconds = (performance.now() - begin) / 1_000;
      // An answer that was not written to its end found no client any more.
      const status = res.writableFinished ? res.statusCode : undefined;
      countRequest(req.method ?? "", req.route, status, seconds);
      const aborted = status === undefined ? true : undefined;
      this.#log?.write({ id: req.id, method: req.method, route: req.route?.path, status, aborted, seconds });
    });
    const allowed = addCorsHeaders(req, this.#origins);
    if (req.method !== "OPTIONS") {
      this.#handle(req, res);
      return;
    }
    try {
      answerOptions(req, res, this.#table(), allowed);
    } catch (error) {
      this.#refuse(req, res, error);
    }
  }
}
