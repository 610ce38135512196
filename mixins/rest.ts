import { Type } from "typebox";
import { object } from "../libs/postbox/core/validation/object.ts";
import { action } from "../libs/postbox/edge/actions/action.ts";
import type { RestSettings, Versions } from "../libs/postbox/edge/routes/versions.ts";
import { mixin } from "../libs/postbox/node/service/service.ts";

const health = action({
  rest: "GET /utils/health",
  access: "public",
  summary: "Whether the service answers",
  params: object({}),
  response: object({ status: Type.Literal("ok") }),
  handler: () => ({ status: "ok" as const }),
});

const version = action({
  rest: "GET /utils/version",
  access: "public",
  summary: "Which version this is",
  params: object({}),
  response: object({ service: Type.String(), version: Type.String({ examples: ["v1"] }) }),
  handler(ctx) {
    return { service: ctx.service?.name ?? "", version: `v${ctx.service?.version ?? 1}` };
  },
});

/**
 * Has the gateway serve a service's actions that declare `rest`, below `/<prefix>` and `/<prefix>/v<version>`. Adds two
 * public actions: `GET /utils/health` and `GET /utils/version`.
 *
 * ```ts
 * const versions: Versions = { latest: 2, deprecated: { 1: { since: "2026-11-01", sunset: "2027-05-01" } } };
 * service({ name: "orders", version: 2, mixins: [rest("orders", versions)], actions: { place } });
 * ```
 *
 * @param prefix the service's name: lowercase letters and digits, a letter first. With any other the service does not start.
 */
export function rest(prefix: string, versions: Versions) {
  const settings: RestSettings = { prefix, ...versions };
  return mixin()({
    settings: { face: settings },
    actions: { "utils.health": health, "utils.version": version },
  });
}
