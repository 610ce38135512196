import type { TSchema } from "typebox";
import type { ErrorCode } from "../../core/errors/catalogue.ts";
import type { RestPath } from "../routes/rest.ts";
import type { Access } from "../tokens/roles.ts";
import type { Prepare } from "./prepare.ts";

/**
 * What an action declares beside its handler. The gateway reads it from Moleculer's registry and makes routes, checks and
 * documents of it, so all of it is plain data.
 */
export interface RestDeclaration {
  /** Method and path below the service's prefix: `POST /`, `DELETE /tokens/me/:token_id`. Default: no route. */
  rest?: RestPath;
  /** Who may call the action. Needed for every action that is not private, or its service does not start. */
  access?: Access;
  /**
   * `optional`, for a public action: a valid access token counts as its user's, so that `ctx.meta.user` is set. Any other,
   * also one that has expired, counts as none. Default: the token of a public action is not looked at.
   */
  token?: "optional";
  /** JSON Schema (TypeBox) of a successful answer. */
  response?: TSchema;
  /**
   * False for a GET that changes something, such as one that sends a mail. A HEAD does not call it, a call is not repeated
   * when its instance goes away, and pages of other sites cannot send it. Default for GET: true.
   */
  safe?: boolean;
  /**
   * Whether the action has a page for visitors, beside its JSON. Then `ctx.meta.wants` says what the client asked for, and
   * `showPage` shows the page. The page of a GET must change nothing: pages of other sites may lead to it. An error is
   * shown to visitors as a page too. Default false.
   */
  page?: boolean;
  /** HTTP status of a successful answer. Default 200. */
  status?: number;
  /** One line for the documents. */
  summary?: string;
  /** How the body is written: JSON, or an HTML form (`application/x-www-form-urlencoded`). Default `json`. */
  body?: "json" | "form";
  /** Codes of the action's own errors, for the documents. Those that every action has are added by themselves. */
  errors?: readonly ErrorCode[];
  /**
   * Whether the action honours an `Idempotency-Key`, in a transaction of its service's database. Default: true for POST
   * and PATCH. A `public` action never does: a key counts for one user, and that action has none.
   *
   * - `false`: for a result that holds a token, and for a handler whose counts must stay when it fails;
   * - `handed-on`: an action of another service, which says `true`, makes the whole change and honours the key.
   */
  idempotency?: boolean | "handed-on";
  /** Requests allowed for one caller: `5/minute, 25/hour`. Units: second, minute, hour, day. Default: no limit. */
  rateLimit?: string;
}

declare module "moleculer" {
  interface ActionSchema extends RestDeclaration {
    prepare?: Prepare;
  }
}
