import type { Context, Middleware } from "moleculer";
import { withCorrelation } from "../../core/correlation/current-correlation.ts";
import { requestId } from "../requests/request-id.ts";

type Handler = (ctx: Context) => Promise<unknown>;

/**
 * Makes the id of the request the correlation id of all events that its actions enqueue. The id travels with each call,
 * also to other nodes. An id that logs and headers could not safely hold is replaced by a new one.
 */
export const correlation: Middleware = {
  name: "Correlation",
  localAction(handler: Handler): Handler {
    return (ctx) => withCorrelation(requestId(ctx.requestID ?? undefined), () => handler(ctx));
  },
};
