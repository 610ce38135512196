import type { Schema } from "../../core/validation/schema.ts";
import type { Operation } from "../../edge/openapi/operation.ts";
import { typeOf } from "./type-of.ts";

/** The method of a client that stands for an operation: `operations.dead.list` is `operationsDeadList`. */
export const nameOf = ({ operationId }: Operation) =>
  operationId.replaceAll(/\.(\w)/g, (_, letter) => letter.toUpperCase());

/** A call's parameter: the parts `path`, `query`, `body`, and the key under which it may be sent again. */
export function requestOf({ parameters = [], requestBody }: Operation): string {
  const members: string[] = [];
  let optional = true;
  for (const location of ["path", "query"]) {
    const all = (parameters as readonly Parameter[]).filter((parameter) => parameter.in === location);
    if (all.length === 0) continue;
    const required = all.filter((parameter) => parameter.required);
    const named = all.filter(({ explode }) => !explode);
    const type = typeOf({
      type: "object",
      properties: Object.fromEntries(named.map(({ name, schema }) => [name, schema])),
      required: required.map(({ name }) => name),
      additionalProperties: named.length < all.length,
    });
    members.push(`readonly ${location}${required.length > 0 ? "" : "?"}: ${type}`);
    optional &&= required.length === 0;
  }
  const body = schemaIn(requestBody);
  const optionalBody = (requestBody as Content | undefined)?.required === false;
  if (body) members.push(`readonly body${optionalBody ? "?" : ""}: ${typeOf(body)}`);
  if ((parameters as readonly Parameter[]).some(({ name }) => name === "Idempotency-Key"))
    members.push("readonly idempotencyKey?: string");
  if (members.length === 0) return "";
  return `request${optional && (!body || optionalBody) ? "?" : ""}: { ${members.join("; ")} }`;
}

/** What a call gives: the type of the answer's body. */
export function resultOf({ responses }: Operation): string {
  const [, success] = Object.entries(responses).find(([status]) => status.startsWith("2")) ?? [];
  const schema = schemaIn(success as Content | undefined);
  return schema ? typeOf(schema) : "void";
}

/** Whether the body is written as an HTML form. */
export const takesForm = ({ requestBody }: Operation) =>
  Object.keys((requestBody as Content | undefined)?.content ?? {})[0] === "application/x-www-form-urlencoded";

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  /** True where the parameter stands for any further names. */
  readonly explode?: true;
  readonly schema: Schema;
}

interface Content {
  readonly required?: boolean;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

const schemaIn = (holder: Content | undefined) => Object.values(holder?.content ?? {})[0]?.schema;
