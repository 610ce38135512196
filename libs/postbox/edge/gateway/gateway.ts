import type { Server, ServerResponse } from "node:http";
import type { ServiceBroker } from "moleculer";
import { reasonOf } from "../../core/errors/reason.ts";
import type { Queryable } from "../../postgres/transaction/queryable.ts";
import { verifierOf } from "../access/token-verifier.ts";
import type { Meta } from "../actions/meta.ts";
import { sendResult } from "../answers/send.ts";
import { Documents, documentMethods } from "../openapi/documents.ts";
import { MemoryRateLimitStore } from "../rate-limits/memory-store.ts";
import { PostgresRateLimitStore } from "../rate-limits/postgres-store.ts";
import { RateLimiter } from "../rate-limits/rate-limiter.ts";
import { refusedRequests } from "../rate-limits/refused-requests.ts";
import { clientFinder } from "../requests/client-address.ts";
import type { Incoming } from "../requests/incoming.ts";
import { type RequestParts, readParts } from "../requests/read-parts.ts";
import { reportUnreadableClients } from "../requests/unreadable-clients.ts";
import { pathOf } from "../requests/url.ts";
import type { Route } from "../routes/route.ts";
import { RouteWatch } from "../routes/route-watch.ts";
import type { CorsPolicy } from "../server/cors.ts";
import { EdgeServer } from "../server/edge-server.ts";
import { type AdmissionPolicy, admit } from "./admission.ts";
import { answerError, type ErrorPolicy } from "./error-answers.ts";

export interface GatewayOptions {
  /** The gateway's own name; the files that pages of documents load are below `/<name>/assets/`. */
  readonly name: string;
  readonly cors: CorsPolicy;
  /** Networks of the proxies whose `X-Forwarded-For` or `Forwarded` is believed. */
  readonly trustedProxies: readonly string[];
  /** Whether a line is logged for each request. */
  readonly accessLog: boolean;
  /** Whether the OpenAPI documents and their pages are served. */
  readonly documents: boolean;
  /** Refused requests allowed for one address, as `5/minute, 25/hour`. Undefined: all rate limits are off. */
  readonly refusedLimits: string | undefined;
}

/** Calls the action of a request's route, by way of moleculer-web, and has its result answered. */
export type CallAction = (req: Incoming, res: ServerResponse, route: Route) => Promise<unknown>;

/**
 * The gateway: the routes of all services, behind one server. A request goes through `EdgeServer` (id, CORS, access log),
 * the route table, `callAction` (which asks `admit`), and ends in `answer` or `answerError`.
 */
export class Gateway {
  readonly routes: RouteWatch;
  readonly #edge: EdgeServer;
  readonly #callAction: CallAction;
  readonly #documents: Documents | undefined;
  readonly #admission: AdmissionPolicy;
  readonly #errors: ErrorPolicy;

  /** `database` holds the counts of rate limits. */
  constructor(broker: ServiceBroker, database: Queryable, options: GatewayOptions, callAction: CallAction) {
    const { logger } = broker;
    const { cors, trustedProxies, accessLog, refusedLimits } = options;
    const routes = new RouteWatch(broker);
    this.routes = routes;
    this.#documents = options.documents ? new Documents(options.name, routes) : undefined;
    this.#callAction = callAction;
    this.#edge = new EdgeServer(
      { cors, accessLog },
      (path) => (this.#documents?.has(path) ? documentMethods : routes.table.methodsOf(path)),
      (req, res) => this.#receive(req, res),
      (req, res, error) => this.answerError(req, res, error),
    );
    const clientOf = clientFinder(trustedProxies, reportUnreadableClients(logger));
    const limiter =
      refusedLimits === undefined
        ? undefined
        : new RateLimiter(new PostgresRateLimitStore(database), new MemoryRateLimitStore(), (error) =>
            logger.warn(`Rate limits are counted by this process alone: ${reasonOf(error)}`),
          );
    this.#admission = { origins: cors.origins, verifier: verifierOf(broker), clientOf, limiter };
    const refusals =
      limiter && refusedLimits !== undefined ? { limiter, limited: refusedRequests(refusedLimits) } : undefined;
    this.#errors = { logger, clientOf, refusals };
  }

  get server(): Server {
    return this.#edge.server;
  }

  /** @throws PostboxError `port-taken`, `configuration-invalid`. */
  async listen(port: number, address: string | undefined): Promise<void> {
    this.routes.refresh();
    await this.#edge.listen(port, address);
  }

  /** Takes requests for `drainMs` milliseconds more, then no new ones, and lets those under way end. */
  close(drainMs: number): Promise<void> {
    return this.#edge.close(drainMs);
  }

  /**
   * Admits a request that has its route, and reads what its action takes. Most requests have nothing to wait for: their
   * parts are returned at once, without a promise.
   */
  admit(req: Incoming, meta: Meta): RequestParts | Promise<RequestParts> {
    const { route } = req;
    if (!route) throw new TypeError("A request is admitted to a route; this one has none.");
    const counted = admit(this.#admission, req, route, meta);
    return counted ? counted.then(() => readParts(req, route)) : readParts(req, route);
  }

  /** Answers with the result of an action. */
  answer(req: Incoming, res: ServerResponse, meta: Meta, result: unknown): void {
    if (!req.route) return;
    sendResult(req, res, req.route, meta, result)?.catch((error) => this.answerError(req, res, error));
  }

  answerError(req: Incoming, res: ServerResponse, error: unknown): void {
    answerError(this.#errors, req, res, error);
  }

  async #receive(req: Incoming, res: ServerResponse): Promise<void> {
    try {
      const path = pathOf(req);
      if (this.#documents?.has(path)) return await this.#documents.answer(req, res, path);
      const { route, params } = this.routes.table.find(req.method ?? "", path);
      req.route = route;
      req.pathParams = params;
      await this.#callAction(req, res, route);
    } catch (error) {
      this.answerError(req, res, error);
    }
  }
}
