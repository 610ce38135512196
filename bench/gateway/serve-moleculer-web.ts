import type { IncomingMessage, Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import jwt from "jsonwebtoken";
import { type Context, ServiceBroker, type ServiceSchema } from "moleculer";
import { profileOf, ready, secretOf } from "./profile.ts";

/**
 * moleculer-web as its documentation sets it up: a token verified for each request, one alias, its usual log, or (with
 * the argument `quiet`) none.
 */
const moleculerWeb: ServiceSchema = createRequire(import.meta.url)("moleculer-web");
const secret = secretOf(process.env);

const broker = new ServiceBroker({ logger: !process.argv.includes("quiet") });
broker.createService({
  name: "profile",
  actions: {
    me: (ctx: Context<unknown, { user: { sub: string; role: string } }>) =>
      profileOf(ctx.meta.user.sub, ctx.meta.user.role),
  },
});
const gateway = broker.createService({
  name: "api",
  mixins: [moleculerWeb],
  settings: {
    port: 0,
    routes: [
      { path: "/", aliases: { "GET /profile/me": "profile.me" }, mappingPolicy: "restrict", authentication: true },
    ],
  },
  methods: {
    authenticate(_ctx: Context, _route: unknown, req: IncomingMessage) {
      return jwt.verify((req.headers.authorization ?? "").slice("Bearer ".length), secret, { algorithms: ["HS256"] });
    },
  },
});
await broker.start();
const server: Server = Reflect.get(gateway, "server");
ready((server.address() as AddressInfo).port);
