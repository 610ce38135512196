import type { ErrorCode } from "../../core/errors/catalogue.ts";
import type { RateLimit } from "../../core/limits/rate-limit.ts";
import type { Schema } from "../../core/validation/schema.ts";
import type { Access } from "../tokens/roles.ts";
import type { Deprecation } from "./versions.ts";

/** Methods that an action may name in `rest`. */
export const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
export type Method = (typeof methods)[number];

/** How a body is written. */
export type BodyKind = "json" | "form";

/** One way from the outside to one action: all that the gateway knows of it, from the registry. */
export interface Route {
  readonly method: Method;
  /** Path with its parameters as `:name`, e.g. `/auth/v1/tokens/me/:token_id`. */
  readonly path: string;
  /** Full name of the action, e.g. `v1.auth.tokens.remove`. */
  readonly action: string;
  readonly access: Access;
  /** Whether it only reads: then a HEAD is answered as it is, and it may be made again. */
  readonly safe: boolean;
  /** Status of a successful answer. */
  readonly status: number;
  /** The parts of the request that the action's schema names. */
  readonly parts: Parts;
  readonly limits?: readonly RateLimit[];
  readonly deprecation?: Deprecation;
  /** What the documents say of it. */
  readonly document: RouteDocument;
}

export interface Parts {
  readonly params: boolean;
  readonly query: boolean;
  /** How the body is written; absent if none is taken. */
  readonly body?: BodyKind;
  /** Names of the cookies taken. */
  readonly cookies: readonly string[];
}

export interface RouteDocument {
  readonly service: string;
  readonly version: number;
  readonly summary: string;
  /** Codes of the errors that are its own. */
  readonly errors: readonly ErrorCode[];
  /** Whether it honours an `Idempotency-Key`. */
  readonly idempotent: boolean;
  readonly params: Schema;
  readonly response?: Schema;
}
