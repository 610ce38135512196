import Format from "typebox/format";
import { nearMiss } from "../../spelling/near-miss.ts";
import { annotations, type Schema } from "../schema.ts";
import { UnservedSchema } from "./unserved-schema.ts";

const types: readonly string[] = ["object", "array", "string", "number", "integer", "boolean", "null"];

/** The keywords that rule out values, each with the type of value that the keyword is about. */
const rules: Readonly<Record<string, string>> = {
  ...{ properties: "object", required: "object", additionalProperties: "object", patternProperties: "object" },
  ...{ minProperties: "object", maxProperties: "object" },
  ...{ items: "array", prefixItems: "array", minItems: "array", maxItems: "array", uniqueItems: "array" },
  ...{ minLength: "string", maxLength: "string", pattern: "string", format: "string" },
  ...{ minimum: "number", maximum: "number", exclusiveMinimum: "number", exclusiveMaximum: "number" },
  ...{ multipleOf: "number" },
};

const known: readonly string[] = [...annotations, ...Object.keys(rules), "type", "const", "enum"];

/** Names that reach the prototype of the object they are set on. No request can hold them. */
const inherited: readonly string[] = ["__proto__", "constructor", "prototype"];

/**
 * Checks the keywords of one schema, not those of the schemas in it.
 *
 * @throws UnservedSchema for a keyword, type, format, pattern or name that is not served.
 */
export function checkKeywords(schema: Schema, at: readonly string[]): void {
  const { type, pattern, format } = schema;
  for (const keyword of Object.keys(schema)) {
    if (known.includes(keyword) || keyword.startsWith("x-")) continue;
    const near = nearMiss(keyword, known);
    throw new UnservedSchema(
      at,
      near
        ? `says '${keyword}', which is no rule of a schema; did you mean '${near}'?`
        : `says '${keyword}', which cannot be closed and typed; write the rule with objects, lists and unions, or check it in the handler.`,
    );
  }
  if (type !== undefined && !types.includes(type))
    throw new UnservedSchema(at, `is of type '${type}', which JSON does not have; use one of ${types.join(", ")}.`);
  if (type === undefined) {
    const rule = Object.keys(schema).find((keyword) => Object.hasOwn(rules, keyword));
    if (rule !== undefined)
      throw new UnservedSchema(at, `says '${rule}' and no type; add \`type: "${rules[rule]}"\`, or any value passes.`);
  }
  if (pattern !== undefined) checkPattern(pattern, at);
  for (const one of Object.keys(schema.patternProperties ?? {})) checkPattern(one, at);
  if (format !== undefined) checkFormat(format, at);
  const name = Object.keys(schema.properties ?? {}).find((one) => inherited.includes(one));
  if (name !== undefined)
    throw new UnservedSchema(at, `has the property '${name}', which no request may hold; give it another name.`);
}

/** A pattern has to mean a rule in every tool: some compile with the flag `u`, others without. */
function checkPattern(pattern: unknown, at: readonly string[]): void {
  for (const flags of ["", "u"])
    try {
      new RegExp(String(pattern), flags);
    } catch (error) {
      const { message } = error as Error;
      throw new UnservedSchema(
        at,
        `has a pattern that is not valid ${flags === "u" ? "with" : "without"} the flag \`u\`, as tools compile it: ${message}.`,
      );
    }
}

function checkFormat(format: unknown, at: readonly string[]): void {
  const formats = Format.Entries().map(([name]) => name);
  if (typeof format === "string" && formats.includes(format)) return;
  const near = typeof format === "string" ? nearMiss(format, formats) : undefined;
  throw new UnservedSchema(
    at,
    `has the format '${format}', which is not checked${near ? `; did you mean '${near}'?` : "; write a pattern instead."}`,
  );
}
