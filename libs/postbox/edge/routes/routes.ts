import { isErrorCode } from "../../core/errors/catalogue.ts";
import { isLimits, parseLimits } from "../../core/limits/rate-limit.ts";
import { isPlain, isSchema, type Schema } from "../../core/validation/schema.ts";
import { servedRequest, servedSchema } from "../../core/validation/served/served-schema.ts";
import { UnservedSchema } from "../../core/validation/served/unserved-schema.ts";
import { type Access, accessKinds } from "../tokens/roles.ts";
import { readRest } from "./rest.ts";
import type { Route, RouteParts } from "./route.ts";
import { isRestSettings } from "./versions.ts";

/** A service as Moleculer's registry lists it. It may come from another process, so nothing is believed of its types. */
export interface ListedService {
  readonly name: string;
  readonly version?: string | number | undefined;
  readonly fullName: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly actions?: Readonly<Record<string, ListedAction>>;
}

/** An action as Moleculer's registry lists it. */
export interface ListedAction {
  readonly name: string;
  readonly rest?: unknown;
  readonly access?: unknown;
  readonly token?: unknown;
  readonly visibility?: unknown;
  readonly params?: unknown;
  readonly response?: unknown;
  readonly status?: unknown;
  readonly summary?: unknown;
  readonly safe?: unknown;
  readonly page?: unknown;
  readonly body?: unknown;
  readonly errors?: unknown;
  readonly idempotency?: unknown;
  readonly rateLimit?: unknown;
}

/**
 * The routes of one version of a service: below `/<prefix>/v<version>`, and below `/<prefix>` if it is the latest version.
 * An action with an ill-formed `rest`, `access`, `rateLimit` or schema has no route: nothing is open by default. A service
 * with such an action does not start, so that only another release can have it.
 */
export function routesOf(service: ListedService): Route[] {
  const settings = service.settings?.face;
  if (!isRestSettings(settings) || typeof service.version !== "number") return [];
  const version = service.version;
  const deprecation = settings.deprecated?.[version];
  const bases = [`/${settings.prefix}/v${version}`, ...(settings.latest === version ? [`/${settings.prefix}`] : [])];
  return Object.values(service.actions ?? {}).flatMap((action) => {
    const rest = readRest(action.rest);
    const published =
      action.visibility === undefined || action.visibility === null || action.visibility === "published";
    if (!published || !rest || !isAccess(action.access)) return [];
    if (action.access === "service" || !isLimits(action.rateLimit)) return [];
    const schemas = schemasOf(action);
    if (!schemas) return [];
    const { method, path } = rest;
    const { params, response } = schemas;
    const shared = {
      method,
      action: action.name,
      access: action.access,
      ...(action.token === "optional" && { optionalToken: true as const }),
      safe: method === "GET" && action.safe !== false,
      page: action.page === true,
      status: typeof action.status === "number" ? action.status : 200,
      parts: partsOf(params, action),
      ...(typeof action.rateLimit === "string" && { limits: parseLimits(action.rateLimit) }),
      ...(deprecation && { deprecation }),
      document: {
        service: settings.prefix,
        version,
        summary: typeof action.summary === "string" ? action.summary : action.name,
        errors: Array.isArray(action.errors) ? action.errors.filter(isErrorCode) : [],
        // Without a user there is nobody whom a key could count for.
        idempotent:
          action.access !== "public" && action.idempotency !== false && (method === "POST" || method === "PATCH"),
        params,
        ...(response && { response }),
      },
    };
    return bases.map((base) => ({ ...shared, path: base + path }));
  });
}

function partsOf({ properties = {} }: Schema, { body }: ListedAction): RouteParts {
  const { properties: cookies = {} } = properties.cookies ?? {};
  return {
    params: properties.params !== undefined,
    query: properties.query !== undefined,
    ...(properties.body && { body: body === "form" ? "form" : "json" }),
    cookies: Object.keys(cookies),
    cookieLists: Object.keys(cookies).filter((name) => cookies[name]?.type === "array"),
  };
}

/** The schemas as they are served; undefined for those that only another release knows how to serve. */
function schemasOf({ params, response }: ListedAction): { params: Schema; response?: Schema } | undefined {
  try {
    return {
      params: isSchema(params) ? servedRequest(params) : { type: "object" },
      ...(isPlain(response) && { response: servedSchema(response) }),
    };
  } catch (error) {
    if (error instanceof UnservedSchema) return undefined;
    throw error;
  }
}

const isAccess = (access: unknown): access is Access => accessKinds.some((one) => one === access);
