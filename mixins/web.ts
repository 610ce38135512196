import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { ActionSchema, Context, Service, ServiceSchema } from "moleculer";
import { verifierOf } from "../libs/auth/verifier.ts";
import { config } from "../libs/config/config.ts";
import type { Database } from "../libs/database/database.ts";
import { PostboxError } from "../libs/errors/postbox-error.ts";
import { bearerToken } from "../libs/http/bearer.ts";
import { clientNetwork } from "../libs/http/client-address.ts";
import { Front, type Incoming } from "../libs/http/front.ts";
import { MemoryRateLimits } from "../libs/http/rate-limit-memory.ts";
import { PostgresRateLimits } from "../libs/http/rate-limit-postgres.ts";
import { RateLimiter } from "../libs/http/rate-limiter.ts";
import { type RequestParts, readParts } from "../libs/http/request.ts";
import type { Route } from "../libs/http/route.ts";
import { RouteWatch } from "../libs/http/route-watch.ts";
import { sendProblem, sendResult } from "../libs/http/send.ts";
import { checkedKey } from "../libs/idempotency/key.ts";
import type { Meta } from "../libs/moleculer/meta.ts";
import type { Mixin } from "../libs/moleculer/service.ts";
import { answerDocument, isDocumentPath } from "../libs/openapi/documents.ts";

// Not imported: its type declarations say of `rest` what is not so here.
const moleculerWeb: MoleculerWeb = createRequire(import.meta.url)("moleculer-web");

interface MoleculerWeb {
  readonly settings: object;
  readonly actions: { readonly rest: ActionSchema };
  readonly methods: object;
  created(this: Service): void;
}

/** What the gateway has: a server, and the routes of all services. */
export interface WebFields {
  readonly server: Server;
  readonly front: Front;
  readonly watch: RouteWatch;
  readonly limiter: RateLimiter;
}

type Web = Service &
  WebFields & {
    /** The gateway's own database, from its store. */
    readonly db: Database;
    /** moleculer-web's one route. */
    readonly routes: readonly unknown[];
    readonly httpHandler: Handler;
    errorHandler(req: Incoming, res: ServerResponse, error: unknown): void;
  };
type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/** moleculer-web's alias: a route of ours, on the one route that moleculer-web knows. */
interface Alias {
  readonly action: string;
  readonly declared: Route;
  readonly route: unknown;
}

/** A request on its way through moleculer-web. */
interface WebRequest extends Incoming {
  $ctx: Context<unknown, Meta>;
  $alias: Alias;
  $params: RequestParts;
  /** The text after `?`. */
  query: string;
}

/**
 * moleculer-web, in its middleware mode, behind a server of our own.
 *
 * It finds its routes in ours, by the registry. Its parsing of bodies and queries, its CORS, its rate limit, its error
 * answers and its direct calls of actions by name are not used: each lets something through that it should not.
 */
const schema = {
  settings: {
    ...moleculerWeb.settings,
    server: false,
    logRequest: null,
    logRequestParams: null,
    logResponse: null,
    logRouteRegistration: null,
    routes: [
      {
        path: "/",
        aliases: {},
        mappingPolicy: "restrict",
        mergeParams: false,
        bodyParsers: false,
        logging: false,
        onBeforeCall: admit,
      },
    ],
  },
  actions: { rest: moleculerWeb.actions.rest },
  events: {
    "$services.changed"(this: Web) {
      this.watch.refresh();
    },
  },
  methods: {
    ...moleculerWeb.methods,

    parseQueryString({ url = "/" }: IncomingMessage) {
      const at = url.indexOf("?");
      return at < 0 ? { url, query: "" } : { url: url.slice(0, at), query: url.slice(at + 1) };
    },

    resolveAlias(this: Web, path: string, method: string) {
      const { route, params } = this.watch.table.find(method, path);
      const alias: Alias = { action: route.action, declared: route, route: this.routes[0] };
      return { alias, params };
    },

    sendResponse(this: Web, req: WebRequest, res: ServerResponse, result: unknown) {
      sendResult(req, res, req.$alias.declared, req.$ctx.meta, result).catch((error) =>
        this.errorHandler(req, res, error),
      );
    },

    errorHandler(this: Web, req: Incoming, res: ServerResponse, error: unknown) {
      if (sendProblem(req, res, error, req.id).status === 500)
        this.logger.error(`Request ${req.id} failed (${req.declared?.action}).`, error);
    },
  },
  created(this: Web) {
    moleculerWeb.created.call(this);
    const { ENVIRONMENT, CORS_ORIGINS, TRUSTED_PROXIES, ACCESS_LOG } = config();
    const watch = new RouteWatch(this.broker);
    const front = new Front(
      { origins: CORS_ORIGINS ?? [], trustedProxies: TRUSTED_PROXIES ?? [], logs: ACCESS_LOG },
      () => watch.table,
      async (req, res) => {
        const [path = ""] = (req.url ?? "").split("?", 1);
        if (ENVIRONMENT !== "production" && req.method === "GET" && isDocumentPath(path))
          return answerDocument(path, res, watch).catch((error) => this.errorHandler(req, res, error));
        // moleculer-web takes the request's id from these two, whatever they hold.
        req.headers["x-request-id"] = req.id;
        delete req.headers["x-correlation-id"];
        await this.httpHandler(req, res);
      },
    );
    Object.assign(this, { watch, front, server: front.server });
  },
  async started(this: Web) {
    const onAway = (error: unknown) => this.logger.warn("Rate limits are counted by this process alone.", error);
    const limiter = new RateLimiter(new PostgresRateLimits(this.db), new MemoryRateLimits(), onAway);
    Object.assign(this, { limiter });
    this.watch.refresh();
    await this.front.listen(config().PORT);
  },
  stopped(this: Web) {
    return this.front.close();
  },
};

export const web: Mixin<unknown, WebFields> = { schema: schema as unknown as Partial<ServiceSchema> };

/** Reads and checks a request, between the choice of its route and the call of its action. */
async function admit(
  this: Web,
  ctx: Context<unknown, Meta>,
  _route: unknown,
  req: WebRequest,
  res: ServerResponse,
  { declared }: Alias,
): Promise<void> {
  req.declared = declared;
  const token = bearerToken(req.headers.authorization);
  const verified = verifierOf(this.broker).admit(declared.access, token);
  if (verified?.type === "service") throw new PostboxError("unauthenticated", "A service's token is not taken here.");
  if (verified && token !== undefined) ctx.meta.token = token;
  ctx.meta.clientAddress = this.front.addressOf(req);
  const caller = verified?.user_id ?? clientNetwork(ctx.meta.clientAddress);
  if (config().RATE_LIMIT_ENABLED) await this.limiter.take(declared, caller, res);
  const key = req.headers["idempotency-key"];
  if (key !== undefined && (declared.method === "POST" || declared.method === "PATCH"))
    ctx.meta.idempotencyKey = checkedKey(key);
  req.$params = await readParts(req, declared, req.$params.params ?? {}, req.query);
}
