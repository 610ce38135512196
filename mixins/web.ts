import type { Server, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { Context, Service, ServiceSchema } from "moleculer";
import { config } from "../libs/postbox/core/configuration/config.ts";
import { listenAddress } from "../libs/postbox/core/configuration/listen-address.ts";
import { PostboxError } from "../libs/postbox/core/errors/postbox-error.ts";
import { traceOf } from "../libs/postbox/core/errors/trace.ts";
import { bearerToken } from "../libs/postbox/edge/access/bearer.ts";
import { verifierOf } from "../libs/postbox/edge/access/verifier.ts";
import type { Meta } from "../libs/postbox/edge/actions/meta.ts";
import { sendProblem, sendResult } from "../libs/postbox/edge/answers/send.ts";
import { checkedKey } from "../libs/postbox/edge/idempotency/key.ts";
import { answerDocument, isDocumentPath } from "../libs/postbox/edge/openapi/documents.ts";
import { MemoryRateLimits } from "../libs/postbox/edge/rate-limits/memory-counts.ts";
import { PostgresRateLimits } from "../libs/postbox/edge/rate-limits/postgres-counts.ts";
import { type Limited, RateLimiter } from "../libs/postbox/edge/rate-limits/rate-limiter.ts";
import { isCounted, refusedRequests } from "../libs/postbox/edge/rate-limits/refused.ts";
import { clientNetwork } from "../libs/postbox/edge/requests/client-address.ts";
import { refuseCrossSite } from "../libs/postbox/edge/requests/cross-site.ts";
import type { Incoming } from "../libs/postbox/edge/requests/incoming.ts";
import { type RequestParts, readParts } from "../libs/postbox/edge/requests/request.ts";
import type { Route } from "../libs/postbox/edge/routes/route.ts";
import { RouteWatch } from "../libs/postbox/edge/routes/route-watch.ts";
import { EdgeServer } from "../libs/postbox/edge/server/edge-server.ts";
import type { Mixin } from "../libs/postbox/node/service/service.ts";
import type { Database } from "../libs/postbox/postgres/database.ts";

// Not imported: its type declarations say of `rest` what is not so here.
const moleculerWeb: MoleculerWeb = createRequire(import.meta.url)("moleculer-web");

interface MoleculerWeb {
  readonly settings: object;
  readonly methods: object;
  created(this: Service): void;
}

/** What the gateway has: a server, and the routes of all services. */
export interface WebFields {
  readonly server: Server;
  readonly edge: EdgeServer;
  readonly watch: RouteWatch;
  readonly limiter: RateLimiter;
  /** What is counted of an address beside its use of limited actions; undefined if limits are off. */
  readonly refused: Limited | undefined;
}

type Web = Service &
  WebFields & {
    /** The gateway's own database, from its store. */
    readonly db: Database;
    /** moleculer-web's routes: for requests that may change something, and for those that only read. */
    readonly routes: readonly unknown[];
    httpHandler(req: Incoming, res: ServerResponse): Promise<void>;
    aliasHandler(req: WebRequest, res: ServerResponse, alias: Alias): Promise<void>;
    errorHandler(req: Incoming, res: ServerResponse, error: unknown): void;
  };

/** moleculer-web's alias, as far as it is looked at. */
interface Alias {
  readonly action: string;
}

/** A request on its way through moleculer-web. */
interface WebRequest extends Incoming {
  $route: unknown;
  $ctx: Context<unknown, Meta>;
  $alias: Alias;
  $params: RequestParts;
}

/** How often a request that only reads is made again when the instance that had it went away. */
const readRetries = 2;

/**
 * A route of moleculer-web: it names no action, so that none is open by it. Its calls are not tracked: at a stop the
 * requests that made them are waited for.
 */
function route(name: string, options: object) {
  const callOptions = { ...options, tracking: false };
  const closed = { aliases: {}, mappingPolicy: "restrict", mergeParams: false, bodyParsers: false, logging: false };
  return { name, path: "/", ...closed, callOptions, onBeforeCall: admit };
}

/**
 * moleculer-web, in its middleware mode, behind a server of our own.
 *
 * It finds its routes in ours, by the registry. Its parsing of bodies and queries, its CORS, its rate limit, its error
 * answers and its direct calls of actions by name are not used: each lets something through that it should not. From
 * `aliasHandler` on it is as it was: it finds an endpoint, has the request admitted, calls the action.
 */
const schema = {
  edge: true,
  settings: {
    ...moleculerWeb.settings,
    server: false,
    logRequest: null,
    logRequestParams: null,
    logResponse: null,
    logRouteRegistration: null,
    routes: [route("change", {}), route("read", { retries: readRetries })],
  },
  events: {
    "$services.changed"(this: Web) {
      this.watch.refresh();
    },
  },
  methods: {
    ...moleculerWeb.methods,

    /** Lets requests under way end; called before any service stops. */
    drain(this: Web) {
      return this.edge.close();
    },

    async httpHandler(this: Web, req: WebRequest, res: ServerResponse) {
      try {
        const url = req.url ?? "/";
        const at = url.indexOf("?");
        const { route, params } = this.watch.table.find(req.method ?? "", at < 0 ? url : url.slice(0, at));
        req.declared = route;
        req.$route = this.routes[route.safe ? 1 : 0];
        req.$alias = { action: route.action };
        req.$params = { params };
        req.$ctx = new this.broker.ContextFactory(this.broker);
        req.$ctx.requestID = req.id;
        await this.aliasHandler(req, res, req.$alias);
      } catch (error) {
        this.errorHandler(req, res, error);
      }
    },

    sendResponse(this: Web, req: WebRequest, res: ServerResponse, result: unknown) {
      if (!req.declared) return;
      sendResult(req, res, req.declared, req.$ctx.meta, result)?.catch((error) => this.errorHandler(req, res, error));
    },

    errorHandler(this: Web, req: Incoming, res: ServerResponse, error: unknown) {
      const tell = (told: unknown) => {
        if (sendProblem(req, res, told).status === 500)
          this.logger.error(`Request ${req.id} failed (${req.declared?.action}). ${traceOf(told)}`);
      };
      if (!this.refused || !isCounted(req, error)) return tell(error);
      const address = clientNetwork(this.edge.addressOf(req));
      this.limiter.take(this.refused, address, req.answerHeaders).then(() => tell(error), tell);
    },
  },
  created(this: Web) {
    moleculerWeb.created.call(this);
    const { ENVIRONMENT, CORS_ORIGINS, TRUSTED_PROXIES, ACCESS_LOG, RATE_LIMIT_ENABLED, RATE_LIMIT_REFUSED } = config();
    const watch = new RouteWatch(this.broker);
    const edge = new EdgeServer(
      { origins: CORS_ORIGINS ?? [], trustedProxies: TRUSTED_PROXIES ?? [], logs: ACCESS_LOG },
      () => watch.table,
      (req, res) => {
        const [path = ""] = (req.url ?? "").split("?", 1);
        if (ENVIRONMENT !== "production" && req.method === "GET" && isDocumentPath(path))
          return answerDocument(req, res, path, watch).catch((error) => this.errorHandler(req, res, error));
        return this.httpHandler(req, res);
      },
      (req, res, error) => this.errorHandler(req, res, error),
    );
    const refused = RATE_LIMIT_ENABLED ? refusedRequests(RATE_LIMIT_REFUSED) : undefined;
    Object.assign(this, { watch, edge, refused, server: edge.server });
  },
  async started(this: Web) {
    const onAway = (error: unknown) => this.logger.warn("Rate limits are counted by this process alone.", error);
    const limiter = new RateLimiter(new PostgresRateLimits(this.db), new MemoryRateLimits(), onAway);
    Object.assign(this, { limiter });
    this.watch.refresh();
    await this.edge.listen(config().PORT, listenAddress(config()));
  },
};

export const web: Mixin<unknown, WebFields> = { schema: schema as unknown as Partial<ServiceSchema> };

/**
 * Admits and reads a request, between the choice of its endpoint and the call of its action. Most requests have nothing
 * to wait for, and do not.
 */
function admit(this: Web, { meta }: Context<unknown, Meta>, _route: unknown, req: WebRequest): void | Promise<void> {
  const { declared, headers } = req;
  if (!declared) return;
  refuseCrossSite(req, declared, config().CORS_ORIGINS);
  const token = bearerToken(headers.authorization);
  const verified = verifierOf(this.broker).admit(declared.access, token);
  if (verified?.type === "service") throw new PostboxError("unauthenticated", "A service's token is not taken here.");
  if (verified && token !== undefined) meta.token = token;
  meta.clientAddress = this.edge.addressOf(req);
  const key = headers["idempotency-key"];
  if (key !== undefined && (declared.method === "POST" || declared.method === "PATCH"))
    meta.idempotencyKey = checkedKey(key);
  if (declared.limits && config().RATE_LIMIT_ENABLED) {
    const caller = verified?.user_id ?? clientNetwork(meta.clientAddress);
    return this.limiter.take(declared, caller, req.answerHeaders).then(() => read(req, declared));
  }
  return read(req, declared);
}

function read(req: WebRequest, route: Route): void | Promise<void> {
  const parts = readParts(req, route, req.$params.params ?? {});
  if (!(parts instanceof Promise)) req.$params = parts;
  else
    return parts.then((read) => {
      req.$params = read;
    });
}
