import type { ActionSchema, Context, Middleware, ServiceBroker } from "moleculer";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { isLimits } from "../../core/limits/rate-limit.ts";
import type { Meta } from "../actions/meta.ts";
import { type Access, accessKinds } from "../tokens/roles.ts";
import type { VerifiedToken } from "../tokens/token-data.ts";
import { verifierOf } from "./token-verifier.ts";

type Handler = (ctx: Context<unknown, Meta>) => Promise<unknown>;

/**
 * Checks the token of each call on the node that runs the action, and writes `ctx.meta.user` from it. Whoever reaches NATS
 * can call any action with any meta, so nothing but the token counts.
 *
 * Two kinds of action are not checked. Private ones are reached from inside their service only. Moleculer's own (`$node`)
 * tell nothing that a node on the same NATS does not know already.
 *
 * @throws PostboxError `action-undeclared` when a service is created with an action that does not say who may call it, or
 * whose rate limit cannot be read.
 */
export const accessMiddleware: Middleware = {
  name: "Access",
  localAction(this: ServiceBroker, handler: Handler, action: ActionSchema): Handler {
    if (action.visibility === "private" || action.service?.name.startsWith("$")) return handler;
    const access = declaredAccess(action);
    if (!isLimits(action.rateLimit))
      throw new PostboxError(
        "action-undeclared",
        `Action '${action.name}' has the rate limit '${action.rateLimit}'; write it as '5/minute, 25/hour, 50/day'.`,
      );
    const verifier = verifierOf(this);
    const optional = action.token === "optional";
    // Not `async`: a promise of its own would add 2 % to the cost of each call.
    return (ctx) => {
      let token: VerifiedToken | undefined;
      try {
        token = verifier.admit(access, ctx.meta.token, optional);
      } catch (error) {
        return Promise.reject(error);
      }
      if (token?.type === "access") ctx.meta.user = token;
      else if (ctx.meta.user) delete ctx.meta.user;
      return handler(ctx);
    };
  },
};

function declaredAccess({ name, access }: ActionSchema): Access {
  if (access !== undefined && accessKinds.includes(access)) return access;
  const said = access === undefined ? "does not say" : `says ${JSON.stringify(access)}`;
  throw new PostboxError(
    "action-undeclared",
    `Action '${name}' ${said} who may call it; set \`access\` to one of ${accessKinds.join(", ")}.`,
  );
}
