import type { ActionSchema, CallingOptions, Context, Service } from "moleculer";
import type { Static, TSchema } from "typebox";
import { refuseHiddenRules } from "../../core/validation/served/hidden-rules.ts";
import type { Access } from "../tokens/roles.ts";
import type { Meta } from "./meta.ts";
import type { RestDeclaration } from "./rest-declaration.ts";

declare const branded: unique symbol;

/** The name of an action, as `actionRef` gives it. A text of your own is none: nobody would have looked whether it is right. */
export type ActionName = string & { readonly [branded]: true };

/**
 * What an action's handler gets: Moleculer's context, which calls other actions by their references only:
 * `call(ctx, findUser, { id })`.
 */
export interface ActionContext<Params> extends Omit<Context<Params, Meta>, "call" | "mcall"> {
  /** Called by `call`, which also types what is given and what comes back. */
  call<Result, Given>(name: ActionName, params?: Given, options?: CallingOptions): Promise<Result>;
  /** Takes nothing: call each action by `call`, and await all by `Promise.all`. */
  mcall(definitions: never): Promise<never>;
}

/** Who may call an action. Whoever the gateway or another service lets in has to be named. */
type Reach =
  | { access: Access; visibility?: "published" | "public" | "protected" }
  /** Called from inside the service only. */
  | { visibility: "private"; access?: never; rest?: never };

/** What `action` takes. The schemas give `ctx.params` and the result their types. */
export type ActionDeclaration<This, Params extends TSchema, Response extends TSchema, Prepared> = Reach &
  ActionWork<This, Params, Response, Prepared>;

interface ActionWork<This, Params extends TSchema, Response extends TSchema, Prepared>
  extends Omit<RestDeclaration, "response" | "access"> {
  /** Default: its key in the service's `actions`. */
  name?: string;
  /** Schema of `ctx.params`: for an action with `rest` an object of `params`, `query`, `body` and `cookies`. */
  params?: Params;
  /** Schema of the result. */
  response?: Response;
  /**
   * Slow work that changes nothing, such as hashing a password. It runs before the transaction of a request with an
   * `Idempotency-Key`, so that no connection is held meanwhile. The handler gets its result as `prepared`.
   */
  prepare?: (this: This, ctx: ActionContext<Static<Params>>) => Promise<Prepared>;
  handler: (
    this: This,
    ctx: ActionContext<Static<Params>>,
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
 * An action without `access` does not compile, unless it is private. The service does not start where a declaration is
 * missing, contradicts another or cannot be served: `action-undeclared`.
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
  readonly name: ActionName;
  /** Carries the types; never present as a value. */
  readonly types?: { readonly params: Params; readonly result: Result };
}

/** Names an action for its callers, in `libs/<service>/actions.ts`: `export const getUser = actionRef<GetUser, User>("v1.users.get")`. */
export function actionRef<Params, Result>(name: string): ActionRef<Params, Result> {
  return { name: name as ActionName };
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
