import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { ActionSchema, Context, Service, ServiceSchema } from "moleculer";
import { verifierOf } from "../libs/auth/verifier.ts";
import { config } from "../libs/config/config.ts";
import { PostboxError } from "../libs/errors/postbox-error.ts";
import { bearerToken } from "../libs/http/bearer.ts";
import { setSecurityHeaders } from "../libs/http/headers.ts";
import { type RequestParts, readParts } from "../libs/http/request.ts";
import { requestId } from "../libs/http/request-id.ts";
import type { Route } from "../libs/http/route.ts";
import { RouteWatch } from "../libs/http/route-watch.ts";
import { sendProblem, sendResult } from "../libs/http/send.ts";
import { closeGracefully, listen, openServer } from "../libs/http/server.ts";
import type { Meta } from "../libs/moleculer/meta.ts";
import type { Mixin } from "../libs/moleculer/service.ts";

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
  readonly watch: RouteWatch;
}

type Web = Service & WebFields & { readonly routes: readonly unknown[]; readonly httpHandler: Handler };
type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/** moleculer-web's alias: a route of ours, on the one route that moleculer-web knows. */
interface Alias {
  readonly action: string;
  readonly declared: Route;
  readonly route: unknown;
}

/** A request on its way through moleculer-web. */
interface WebRequest extends IncomingMessage {
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

    sendResponse(req: WebRequest, res: ServerResponse, result: unknown) {
      sendResult(req, res, req.$alias.declared, req.$ctx.meta, result);
    },

    errorHandler(this: Web, req: IncomingMessage, res: ServerResponse, error: unknown) {
      const id = String(res.getHeader("X-Request-ID"));
      if (sendProblem(req, res, error, id).status === 500)
        this.logger.error(`Request ${id} failed (${req.method}).`, error);
    },
  },
  created(this: Web) {
    moleculerWeb.created.call(this);
    const handle: Handler = (req, res) => {
      const id = requestId(req.headers["x-request-id"]);
      // moleculer-web takes the id from these two, whatever they hold.
      req.headers["x-request-id"] = id;
      delete req.headers["x-correlation-id"];
      res.setHeader("X-Request-ID", id);
      setSecurityHeaders(res);
      return this.httpHandler(req, res);
    };
    Object.assign(this, { watch: new RouteWatch(this.broker), server: openServer(handle) });
  },
  async started(this: Web) {
    this.watch.refresh();
    await listen(this.server, config().PORT, "PORT");
  },
  stopped(this: Web) {
    return closeGracefully(this.server);
  },
};

export const web: Mixin<unknown, WebFields> = { schema: schema as unknown as Partial<ServiceSchema> };

/** Reads and checks a request, between the choice of its route and the call of its action. */
async function admit(
  this: Web,
  ctx: Context<unknown, Meta>,
  _route: unknown,
  req: WebRequest,
  _res: ServerResponse,
  { declared }: Alias,
): Promise<void> {
  const token = bearerToken(req.headers.authorization);
  const verified = verifierOf(this.broker).admit(declared.access, token);
  if (verified?.type === "service") throw new PostboxError("unauthenticated", "A service's token is not taken here.");
  if (verified && token !== undefined) ctx.meta.token = token;
  const address = req.socket.remoteAddress;
  if (address !== undefined) ctx.meta.clientAddress = address;
  req.$params = await readParts(req, declared, req.$params.params ?? {}, req.query);
}
