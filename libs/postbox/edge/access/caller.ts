import type { Context } from "moleculer";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Meta } from "../actions/meta.ts";
import type { TokenData } from "../tokens/token-data.ts";

/**
 * The user who calls an action, from the verified token: `const { user_id } = caller(ctx)`.
 *
 * @throws PostboxError `unauthenticated` where no user calls: the action is public, or a service calls.
 */
export function caller(ctx: Pick<Context<unknown, Meta>, "meta">): TokenData {
  if (!ctx.meta.user) throw new PostboxError("unauthenticated", "Only a user can do this; log in first.");
  return ctx.meta.user;
}
