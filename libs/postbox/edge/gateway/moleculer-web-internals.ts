import type { ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { Context, Service } from "moleculer";
import type { Meta } from "../actions/meta.ts";
import type { Incoming } from "../requests/incoming.ts";
import type { RequestParts } from "../requests/read-parts.ts";
import type { Route } from "../routes/route.ts";

/**
 * The parts of moleculer-web that Postbox reaches into. Read in version 0.11.0, `src/index.js`; the test beside this file
 * fails when an upgrade changes them.
 *
 * Postbox uses moleculer-web from `aliasHandler` on: it finds an endpoint for the action, calls `onBeforeCall`, calls the
 * action, and hands the result to `sendResponse`. The rest is left unused, because each part lets through what it should
 * not: its parsers of bodies and queries, its CORS, its rate limit, its error answers, its calls of actions by name.
 */
export const moleculerWebVersion = "0.11.0";

/** moleculer-web's schema, as far as it is used. Its own type declarations give `rest` of an action another type. */
interface WebSchema {
  readonly settings: object;
  readonly methods: object;
  created(this: Service): void;
}
const webSchema: WebSchema = createRequire(import.meta.url)("moleculer-web");

/** What moleculer-web asks of the gateway. */
export interface RequestPolicy {
  admit(req: Incoming, meta: Meta): RequestParts | Promise<RequestParts>;
  answer(req: Incoming, res: ServerResponse, meta: Meta, result: unknown): void;
}

/** A service with moleculer-web's schema, after its `created`. */
interface WebService extends Service {
  readonly gateway: RequestPolicy;
  readonly routes: readonly { readonly name: string }[];
  aliasHandler(req: WebRequest, res: ServerResponse, alias: WebAlias): Promise<unknown>;
}

interface WebAlias {
  readonly action: string;
}

/** A request with what moleculer-web reads from it. */
interface WebRequest extends Incoming {
  $route: unknown;
  $alias: WebAlias;
  $ctx: Context<unknown, Meta>;
  /** The `ctx.params` of the action. */
  $params: RequestParts;
}

/** How often a request that only reads is made again when the instance that had it went away. */
const readRetries = 2;

/**
 * A route of moleculer-web. It names no action, so it exposes none. Its calls are not tracked: a stop waits for
 * the requests that made them.
 */
function webRoute(name: "change" | "read", callOptions: object) {
  return {
    name,
    path: "/",
    aliases: {},
    mappingPolicy: "restrict",
    mergeParams: false,
    bodyParsers: false,
    logging: false,
    callOptions: { ...callOptions, tracking: false },
    onBeforeCall,
  };
}

function onBeforeCall(this: WebService, ctx: Context<unknown, Meta>, _route: unknown, req: WebRequest) {
  const parts = this.gateway.admit(req, ctx.meta);
  if (!(parts instanceof Promise)) {
    req.$params = parts;
    return undefined;
  }
  return parts.then((read) => {
    req.$params = read;
  });
}

/** moleculer-web's settings: no server of its own, no log, and two routes. */
export const webSettings = {
  ...webSchema.settings,
  server: false,
  logRequest: null,
  logRequestParams: null,
  logResponse: null,
  logRouteRegistration: null,
  routes: [webRoute("change", {}), webRoute("read", { retries: readRetries })],
};

/** moleculer-web's methods; a result is answered by the `gateway` field of the service. */
export const webMethods = {
  ...webSchema.methods,
  sendResponse(this: WebService, req: WebRequest, res: ServerResponse, result: unknown) {
    this.gateway.answer(req, res, req.$ctx.meta, result);
  },
};

/** What moleculer-web does when its service is created: it makes its routes of the settings. */
export function createWeb(service: Service): void {
  webSchema.created.call(service);
}

/** Calls the action of a route for a request, as moleculer-web does once it has found an alias. */
export function callAction(service: Service, req: Incoming, res: ServerResponse, route: Route): Promise<unknown> {
  const web = service as WebService;
  const name = route.safe ? "read" : "change";
  const request = req as WebRequest;
  request.$route = web.routes.find((one) => one.name === name);
  request.$alias = { action: route.action };
  request.$ctx = new web.broker.ContextFactory(web.broker);
  request.$ctx.requestID = req.id;
  return web.aliasHandler(request, res, request.$alias);
}
