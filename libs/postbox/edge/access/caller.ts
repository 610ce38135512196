import type { Context } from "moleculer";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Meta } from "../actions/meta.ts";
import type { TokenData } from "../tokens/token-data.ts";

/**
 * The user who calls, from the verified token.
 *
 * @throws PostboxError `unauthenticated` when there is none: the action is public, or a service calls.
 */
export function caller(ctx: Pick<Context<unknown, Meta>, "meta">): TokenData {
  if (!ctx.meta.user) throw new PostboxError("unauthenticated", "Only a user can do this; log in first.");
  return ctx.meta.user;
}
