import type { Server, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "../../core/network/listen.ts";
import { checkForm } from "../requests/check-form.ts";
import type { Incoming } from "../requests/incoming.ts";
import { requestId } from "../requests/request-id.ts";
import { type AccessLog, accessLog } from "./access-log.ts";
import { addCorsHeaders, answerOptions, type CorsPolicy, type MethodsOf } from "./cors.ts";
import { countRequest } from "./metrics.ts";
import { closeGracefully, openServer } from "./server.ts";

export interface EdgeServerOptions {
  readonly cors: CorsPolicy;
  /** Whether a line is logged for each request. */
  readonly accessLog: boolean;
}

/** The HTTP server of the gateway, with what holds for every request: its id, CORS, OPTIONS, metrics, the access log. */
export class EdgeServer {
  readonly server: Server;
  readonly #cors: CorsPolicy;
  readonly #log: AccessLog | undefined;
  readonly #methodsOf: MethodsOf;
  readonly #handle: (req: Incoming, res: ServerResponse) => Promise<void>;
  readonly #refuse: (req: Incoming, res: ServerResponse, error: unknown) => void;
  #closing = false;

  constructor(
    { cors, accessLog: logs }: EdgeServerOptions,
    methodsOf: MethodsOf,
    handle: (req: Incoming, res: ServerResponse) => Promise<void>,
    refuse: (req: Incoming, res: ServerResponse, error: unknown) => void,
  ) {
    this.server = openServer({
      handle: (req, res, proceed) => this.#receive(req as Incoming, res, proceed),
      refuse: (req, res, error) => refuse(req as Incoming, res, error),
    });
    this.#cors = cors;
    this.#log = logs ? accessLog() : undefined;
    this.#methodsOf = methodsOf;
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

  #receive(req: Incoming, res: ServerResponse, proceed?: () => void): void {
    const begin = performance.now();
    if (proceed) req.proceed = proceed;
    req.id = requestId(req.headers["x-request-id"]);
    req.answerHeaders = ["X-Request-ID", req.id];
    if (this.#closing) req.answerHeaders.push("Connection", "close");
    res.once("close", () => {
      const seconds = (performance.now() - begin) / 1_000;
      // An answer that was not written to its end found no client any more.
      const status = res.writableFinished || req.answered ? res.statusCode : undefined;
      countRequest(req.method ?? "", req.route, status, seconds);
      const aborted = status === undefined ? true : undefined;
      this.#log?.write({ id: req.id, method: req.method, route: req.route?.path, status, aborted, seconds });
    });
    const allowed = addCorsHeaders(req, this.#cors);
    try {
      checkForm(req);
      if (req.method === "OPTIONS") answerOptions(req, res, this.#methodsOf, allowed ? this.#cors : undefined);
      else this.#handle(req, res);
    } catch (error) {
      this.#refuse(req, res, error);
    }
  }
}
