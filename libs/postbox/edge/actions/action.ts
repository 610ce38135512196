import type { ActionSchema, Context, Service } from "moleculer";
import type { Static, TSchema } from "typebox";
import { refuseHiddenRules } from "../../core/validation/served/hidden-rules.ts";
import type { Meta } from "./meta.ts";
import type { RestDeclaration } from "./rest-declaration.ts";

/** What `action` takes. The schemas give `ctx.params` and the result their types. */
export interface ActionDeclaration<This, Params extends TSchema, Response extends TSchema, Prepared>
  extends Omit<RestDeclaration, "response"> {
  /** Default: its key in the service's `actions`. */
  name?: string;
  /** Schema of `ctx.params`: for an action with `rest` an object of `params`, `query`, `body` and `cookies`. */
  params?: Params;
  /** Schema of the result. */
  response?: Response;
  /** As Moleculer has it. `private`: called from inside the service only, and then `access` is not needed. */
  visibility?: "published" | "public" | "protected" | "private";
  /**
   * Slow work that changes nothing, such as hashing a password. It runs before the transaction of a request with an
   * `Idempotency-Key`, so that no connection is held meanwhile. The handler gets its result as `prepared`.
   */
  prepare?: (this: This, ctx: Context<Static<Params>, Meta>) => Promise<Prepared>;
  handler: (
    this: This,
    ctx: Context<Static<Params>, Meta>,
    prepared: Prepared,
  ) => Promise<Static<Response>> | Static<Response>;
}

/**
 * Declares one action of a service. Its handler takes what it needs from `this`, which the first parameter types.
 *
 * ```ts
 * export const findUser = action({
 *   rest: "GET /users/:id",
 *   access: "mgmt",
 *   summary: "One user",
 *   params: object({ params: object({ id: Type.String({ format: "uuid" }) }) }),
 *   response: user,
 *   handler(this: UsersService, { params }) {
 *     return findProfile(this.db, params.params.id);
 *   },
 * });
 * ```
 *
 * The parts of a request never override one another: `ctx.params.params` holds those of the path, `ctx.params.query` the
 * query, `ctx.params.body` the body, `ctx.params.cookies` the cookies. A part that the schema does not name is not read.
 *
 * The service does not start where a declaration is missing, contradicts another or cannot be served: `action-undeclared`.
 *
 * @throws UnservedSchema for a schema with a rule that is a function, such as `Type.Refine`.
 */
export function action<
  This = Service,
  Params extends TSchema = TSchema,
  Response extends TSchema = TSchema,
  Prepared = undefined,
>(declaration: ActionDeclaration<This, Params, Response, Prepared>): ActionSchema {
  refuseHiddenRules(declaration.params);
  refuseHiddenRules(declaration.response);
  return declaration as unknown as ActionSchema;
}

/** The name of an action, with the types of its params and its result. */
export interface ActionRef<Params, Result> {
  readonly name: string;
  /** Carries the types; never present as a value. */
  readonly types?: { readonly params: Params; readonly result: Result };
}

/** Names an action for its callers, in `libs/<service>/actions.ts`: `export const getUser = actionRef<GetUser, User>("v1.users.get")`. */
export function actionRef<Params, Result>(name: string): ActionRef<Params, Result> {
  return { name };
}

/**
 * Calls an action by its reference. The token and the trace of `ctx` travel along: `await call(ctx, findUser, { id })`.
 *
 * @throws what the action throws; `service-unavailable` or `service-timeout` at the gateway where nobody answers.
 */
export function call<Params, Result>(
  ctx: Pick<Context, "call">,
  ref: ActionRef<Params, Result>,
  params: Params,
): Promise<Result> {
  return ctx.call<Result, Params>(ref.name, params);
}
