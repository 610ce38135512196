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

/** Gives a service its REST face: where its actions stand, and the two that every service has. */
export function rest(prefix: string, versions: Versions) {
  const settings: RestSettings = { prefix, ...versions };
  return mixin()({
    settings: { face: settings },
    actions: { "utils.health": health, "utils.version": version },
  });
}
