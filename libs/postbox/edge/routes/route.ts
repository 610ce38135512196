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

/** An action at one method and path, with all that the gateway knows of the action from the registry. */
export interface Route {
  readonly method: Method;
  /** Path with its parameters as `:name`, e.g. `/auth/v1/tokens/me/:token_id`. */
  readonly path: string;
  /** Full name of the action, e.g. `v1.auth.tokens.remove`. */
  readonly action: string;
  readonly access: Access;
  /** True for a public route that takes a valid access token for its user, and any other for none. */
  readonly optionalToken?: true;
  /** Whether the action only reads. Then a HEAD calls it too, and a call may be repeated when its instance goes away. */
  readonly safe: boolean;
  /** Whether the action has a page for visitors. */
  readonly page: boolean;
  /** Status of a successful answer. */
  readonly status: number;
  /** The parts of the request that the action's schema names. */
  readonly parts: RouteParts;
  readonly limits?: readonly RateLimit[];
  readonly deprecation?: Deprecation;
  /** What the OpenAPI document says of the route. */
  readonly document: RouteDocument;
}

/** The parts of a request that an action takes. */
export interface RouteParts {
  /** Parameters of the path. */
  readonly params: boolean;
  readonly query: boolean;
  /** How the body is written. Undefined: none is taken. */
  readonly body?: BodyKind;
  /** Names of the cookies. */
  readonly cookies: readonly string[];
  /** Names of those that are read as often as they are sent. */
  readonly cookieLists?: readonly string[];
}

/** What a route adds for its OpenAPI document. */
export interface RouteDocument {
  readonly service: string;
  readonly version: number;
  readonly summary: string;
  /** Codes of the action's own errors. */
  readonly errors: readonly ErrorCode[];
  /** Whether the action honours an `Idempotency-Key`. */
  readonly idempotent: boolean;
  readonly params: Schema;
  readonly response?: Schema;
}
