import type { ActionSchema, Context, Service } from "moleculer";
import type { Static, TSchema } from "typebox";
import type { Meta } from "./meta.ts";
import type { RestDeclaration } from "./rest-declaration.ts";

/** An action whose `ctx.params` and result are typed by its schemas. */
export interface ActionDeclaration<This, Params extends TSchema, Response extends TSchema, Prepared>
  extends Omit<RestDeclaration, "response"> {
  name?: string;
  params?: Params;
  response?: Response;
  visibility?: "published" | "public" | "protected" | "private";
  /**
   * What is slow and changes nothing, such as hashing a password: done before the transaction of a request with an
   * `Idempotency-Key`, which would hold a connection meanwhile. Its result is handed to the handler.
   */
  prepare?: (this: This, ctx: Context<Static<Params>, Meta>) => Promise<Prepared>;
  handler: (
    this: This,
    ctx: Context<Static<Params>, Meta>,
    prepared: Prepared,
  ) => Promise<Static<Response>> | Static<Response>;
}

/**
 * Declares one action. Its handler takes what it needs from `this`, which is typed by the first parameter:
 * `handler(this: AuthService, ctx)`.
 *
 * An action with `rest` takes its request apart: `ctx.params.params` (path), `ctx.params.query`, `ctx.params.body`,
 * each only if its schema names it. They never override one another.
 */
export function action<
  This = Service,
  Params extends TSchema = TSchema,
  Response extends TSchema = TSchema,
  Prepared = undefined,
>(declaration: ActionDeclaration<This, Params, Response, Prepared>): ActionSchema {
  return declaration as unknown as ActionSchema;
}

/** An action's name as a value, with the types of what it takes and gives. */
export interface ActionRef<Params, Result> {
  readonly name: string;
  /** Phantom: carries the types, never present. */
  readonly types?: { readonly params: Params; readonly result: Result };
}

/** Names an action for its callers: `export const getUser = actionRef<GetUser, User>("v1.users.get")`. */
export function actionRef<Params, Result>(name: string): ActionRef<Params, Result> {
  return { name };
}

/** Calls an action by its reference; the token and the trace of `ctx` travel along. */
export function call<Params, Result>(
  ctx: Pick<Context, "call">,
  ref: ActionRef<Params, Result>,
  params: Params,
): Promise<Result> {
  return ctx.call<Result, Params>(ref.name, params);
}
