import { catalogue, type ErrorCode } from "../../core/errors/catalogue.ts";
import { isLimits, parseLimits } from "../../core/limits/rate-limit.ts";
import { closed, isSchema, type Schema } from "../../core/validation/schema.ts";
import { type Access, accessKinds } from "../tokens/roles.ts";
import { type Method, methods, type Parts, type Route } from "./route.ts";
import type { RestSettings } from "./versions.ts";

/** A service as Moleculer's registry lists it: what came from its own process, or over the wire. */
export interface ListedService {
  readonly name: string;
  readonly version?: string | number | undefined;
  readonly fullName: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly actions?: Readonly<Record<string, ListedAction>>;
}

export interface ListedAction {
  readonly name: string;
  readonly rest?: unknown;
  readonly access?: unknown;
  readonly visibility?: unknown;
  readonly params?: unknown;
  readonly response?: unknown;
  readonly status?: unknown;
  readonly summary?: unknown;
  readonly safe?: unknown;
  readonly body?: unknown;
  readonly errors?: unknown;
  readonly idempotency?: unknown;
  readonly rateLimit?: unknown;
}

const pathForm = /^(\/:?[A-Za-z0-9_.-]+)*$/;

/**
 * The routes of one service version: below `/<prefix>/v<version>`, and below `/<prefix>` if it is the latest. An
 * action that does not declare `rest` and `access` as it must has none: nothing is open by default.
 */
export function routesOf(service: ListedService): Route[] {
  const face = service.settings?.face;
  if (!isFace(face) || typeof service.version !== "number") return [];
  const version = service.version;
  const deprecation = face.deprecated?.[version];
  const bases = [`/${face.prefix}/v${version}`, ...(face.latest === version ? [`/${face.prefix}`] : [])];
  return Object.values(service.actions ?? {}).flatMap((action) => {
    const [method, path] = typeof action.rest === "string" ? action.rest.split(" ") : [];
    const published =
      action.visibility === undefined || action.visibility === null || action.visibility === "published";
    if (!published || !isMethod(method) || path === undefined || !pathForm.test(path) || !isAccess(action.access))
      return [];
    if (action.access === "service" || !isLimits(action.rateLimit)) return [];
    const params = isSchema(action.params) ? closed(action.params) : { type: "object" };
    const shared = {
      method,
      action: action.name,
      access: action.access,
      safe: method === "GET" && action.safe !== false,
      status: typeof action.status === "number" ? action.status : 200,
      parts: partsOf(params, action),
      ...(typeof action.rateLimit === "string" && { limits: parseLimits(action.rateLimit) }),
      ...(deprecation && { deprecation }),
      document: {
        service: face.prefix,
        version,
        summary: typeof action.summary === "string" ? action.summary : action.name,
        errors: Array.isArray(action.errors) ? action.errors.filter(isErrorCode) : [],
        idempotent: action.idempotency !== false && (method === "POST" || method === "PATCH"),
        params,
        ...(isPlainObject(action.response) && { response: action.response }),
      },
    };
    return bases.map((base) => ({ ...shared, path: base + path }));
  });
}

function partsOf({ properties = {} }: Schema, { body }: ListedAction): Parts {
  return {
    params: properties.params !== undefined,
    query: properties.query !== undefined,
    ...(properties.body && { body: body === "form" ? "form" : "json" }),
    cookies: Object.keys(properties.cookies?.properties ?? {}),
  };
}

function isFace(face: unknown): face is RestSettings {
  if (!isPlainObject(face)) return false;
  return typeof face.prefix === "string" && /^[a-z][a-z0-9]*$/.test(face.prefix) && typeof face.latest === "number";
}

const isMethod = (method: unknown): method is Method => methods.some((one) => one === method);
const isAccess = (access: unknown): access is Access => accessKinds.some((one) => one === access);
const isErrorCode = (code: unknown): code is ErrorCode => typeof code === "string" && Object.hasOwn(catalogue, code);
const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
