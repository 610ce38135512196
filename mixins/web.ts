import type { Server } from "node:http";
import { config } from "../libs/postbox/core/configuration/config.ts";
import { drainMs } from "../libs/postbox/core/configuration/drain-ms.ts";
import { listenAddress } from "../libs/postbox/core/configuration/listen-address.ts";
import type { Models } from "../libs/postbox/delivery/inbox/handlers/handler.ts";
import { Gateway } from "../libs/postbox/edge/gateway/gateway.ts";
import {
  callAction,
  createWeb,
  webMethods,
  webSettings,
} from "../libs/postbox/edge/gateway/moleculer-web-internals.ts";
import { mixin } from "../libs/postbox/node/service/service.ts";
import type { StoreFields } from "./store.ts";

/** The fields that `web` gives a service. */
export interface WebFields {
  readonly gateway: Gateway;
  /** The HTTP server. It listens from the service's start on. */
  readonly server: Server;
}

/**
 * Makes a service the gateway, which serves the actions of all services that have the mixin `rest`. Stands after `store`
 * in the service's mixins. The store's database holds the counts of rate limits (table `rate_limit`).
 *
 * Its variables are `PORT`, `LISTEN_ADDRESS`, `CORS_ORIGINS`, `CORS_HEADERS`, `TRUSTED_PROXIES`, `DRAIN_MS`,
 * `ACCESS_LOG`, `RATE_LIMIT_ENABLED` and `RATE_LIMIT_REFUSED`. Outside production it also serves each service's OpenAPI
 * document and its pages.
 *
 * ```ts
 * export default service({
 *   name: "gateway",
 *   version: 1,
 *   mixins: [store("gateway", defineModels), web, rest("gateway", versions)],
 * });
 * ```
 *
 * Its start fails with PostboxError `port-taken` or `configuration-invalid`.
 */
export const web = mixin<WebFields & Pick<StoreFields<Models>, "db">>()({
  edge: true,
  settings: webSettings,
  methods: {
    ...webMethods,
    /** Takes requests until others know that the process stops, and lets them end; called before any service stops. */
    drain(): Promise<void> {
      return this.gateway.close(drainMs(config()));
    },
  },
  events: {
    "$services.changed"() {
      this.gateway.routes.refresh();
    },
  },
  created() {
    createWeb(this);
    const given = config();
    const gateway = new Gateway(
      this.broker,
      // Read at each statement: Moleculer runs this `created` before that of `store`.
      { query: (statement) => this.db.query(statement) },
      {
        name: this.name,
        cors: { origins: given.CORS_ORIGINS ?? [], headers: given.CORS_HEADERS ?? [] },
        trustedProxies: given.TRUSTED_PROXIES ?? [],
        accessLog: given.ACCESS_LOG,
        documents: given.ENVIRONMENT !== "production",
        refusedLimits: given.RATE_LIMIT_ENABLED ? given.RATE_LIMIT_REFUSED : undefined,
      },
      (req, res, route) => callAction(this, req, res, route),
    );
    Object.assign(this, { gateway, server: gateway.server });
  },
  started() {
    return this.gateway.listen(config().PORT, listenAddress(config()));
  },
});
