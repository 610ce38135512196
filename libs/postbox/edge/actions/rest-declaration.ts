import type { TSchema } from "typebox";
import type { ErrorCode } from "../../core/errors/catalogue.ts";
import type { Access } from "../tokens/roles.ts";
import type { Prepare } from "./prepare.ts";

/**
 * What an action declares beside its handler. The gateway builds routes, checks and documents from it by Moleculer's
 * registry, so all of it is plain data.
 */
export interface RestDeclaration {
  /** Method and path below the service's prefix, e.g. `POST /register` or `DELETE /tokens/me/:token_id`. */
  rest?: string;
  /** Who may call it. An action with `rest` must say so, or its service does not start. */
  access?: Access;
  /** JSON Schema (TypeBox) of a successful answer. */
  response?: TSchema;
  /**
   * False: a GET that changes something, such as one that a link in a mail leads to. It is not made by a HEAD, and not
   * made again when the instance that had it went away. Default for GET: true.
   */
  safe?: boolean;
  /** HTTP status of a successful answer. Default 200. */
  status?: number;
  /** One line for the documents. */
  summary?: string;
  /** How the body is written: JSON, or an HTML form (`application/x-www-form-urlencoded`). Default `json`. */
  body?: "json" | "form";
  /** Errors of its own that it answers with, for the documents; those that every action has are known. */
  errors?: readonly ErrorCode[];
  /**
   * Whether an `Idempotency-Key` is honoured here, in a transaction of the service's database. Default: for POST and
   * PATCH. False: for an answer that holds a token or sets a cookie, and a handler that must keep what it counted when it
   * fails. `handed-on`: by another service's action, which the whole change is handed to and which says true.
   */
  idempotency?: boolean | "handed-on";
  /** Requests allowed for one caller, e.g. `5/minute, 25/hour`. Default: no limit. */
  rateLimit?: string;
}

declare module "moleculer" {
  interface ActionSchema extends RestDeclaration {
    prepare?: Prepare;
  }
}
