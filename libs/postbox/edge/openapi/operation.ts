import type { Schema } from "../../core/validation/schema.ts";
import type { Route } from "../routes/route.ts";
import { withExample } from "./example.ts";
import { problemResponses, type Responses } from "./responses.ts";

/** One operation of an OpenAPI document. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly deprecated?: true;
  /** None for an operation that anybody may call. */
  readonly security: readonly object[];
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  readonly responses: Responses;
}

/** OpenAPI's `in`, by part of the request. */
const locations = { params: "path", query: "query", cookies: "cookie" } as const;

const mediaTypes = { json: "application/json", form: "application/x-www-form-urlencoded" } as const;

const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "Sent again with the same body, the request has its effect once, and the first answer is given again.",
  schema: { type: "string", minLength: 1, maxLength: 255 },
};

/** Says of a query that it takes names beside those of its schema. */
const furtherNames = {
  name: "others",
  in: "query",
  required: false,
  style: "form",
  explode: true,
  schema: { type: "object", additionalProperties: true },
};

/** The operation of one route. */
export function operation(route: Route): Operation {
  const { document, access, optionalToken, parts, deprecation } = route;
  const request = document.params.properties ?? {};
  const parameters = [
    ...Object.entries(locations).flatMap(([part, location]) => parametersOf(request[part], location)),
    ...(document.idempotent ? [idempotencyKey] : []),
  ];
  const { body } = request;
  return {
    operationId: route.action.replace(/^v\d+\.[^.]+\./, ""),
    summary: document.summary,
    tags: [document.service],
    ...(deprecation && { deprecated: true }),
    security: optionalToken ? [{}, { token: [] }] : access === "public" ? [] : [{ token: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(body &&
      parts.body && {
        requestBody: {
          required: document.params.required?.includes("body") === true,
          content: content(mediaTypes[parts.body], body),
        },
      }),
    responses: { [route.status]: success(route), ...problemResponses(route) },
  };
}

function success({ status, page, document: { response }, deprecation }: Route): object {
  const headers = deprecation && {
    Deprecation: { description: "Since when this version is deprecated.", schema: { type: "string" } },
    Sunset: { description: "When this version goes.", schema: { type: "string" } },
  };
  return {
    description: "Success",
    ...(headers && { headers }),
    ...(response &&
      status !== 204 && { content: { ...content("application/json", response), ...(page && visitorsPage) } }),
  };
}

/** What a visitor gets of an action that has a page. */
const visitorsPage = { "text/html": { schema: { type: "string" } } };

function content(mediaType: string, schema: Schema): object {
  return { [mediaType]: withExample(schema) };
}

function parametersOf(part: Schema | undefined, location: "path" | "query" | "cookie"): object[] {
  const named = Object.entries(part?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: location,
    required: location === "path" || part?.required?.includes(name) === true,
    ...withExample(schema),
  }));
  return part?.additionalProperties === true ? [...named, furtherNames] : named;
}
