import type { Schema } from "../../core/validation/schema.ts";

/** A JSON Schema as a TypeScript type, in text. What the type cannot say (patterns, limits) is left to the server. */
export function typeOf(schema: Schema | undefined): string {
  const { type, anyOf, oneOf, enum: values, const: constant } = schema ?? {};
  if (constant !== undefined) return JSON.stringify(constant);
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(" | ");
  const choices = anyOf ?? oneOf;
  if (choices) return choices.map(typeOf).join(" | ");
  switch (type) {
    case "object":
      return objectType(schema ?? {});
    case "array":
      return arrayType(schema ?? {});
    case "integer":
    case "number":
      return "number";
    case "string":
    case "boolean":
    case "null":
      return type;
    default:
      return "unknown";
  }
}

function objectType({ properties = {}, required = [], additionalProperties = true, patternProperties = {} }: Schema) {
  const members = Object.entries(properties).map(([name, property]) => {
    const optional = !required.includes(name);
    return `readonly ${/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)}${optional ? "?" : ""}: ${typeOf(property)}`;
  });
  const others = [
    ...Object.values(patternProperties).map(typeOf),
    ...(typeof additionalProperties === "object" ? [typeOf(additionalProperties)] : []),
    ...(additionalProperties === true ? ["unknown"] : []),
  ];
  const named = `{ ${members.join("; ")} }`;
  if (others.length === 0) return members.length > 0 ? named : "Record<string, never>";
  // TypeScript has no type for the properties beside those with names.
  return members.length > 0
    ? `${named} & Readonly<Record<string, unknown>>`
    : `Readonly<Record<string, ${others.join(" | ")}>>`;
}

/** A tuple's elements from `minItems` on need not be given. */
function arrayType({ items, prefixItems, minItems = 0, maxItems }: Schema): string {
  if (maxItems === 0) return "readonly []";
  if (!prefixItems) return `readonly (${typeOf(items)})[]`;
  const elements = prefixItems.map((one, at) => (at < Number(minItems) ? typeOf(one) : `(${typeOf(one)})?`));
  const more = maxItems === prefixItems.length ? [] : [`...(${typeOf(items)})[]`];
  return `readonly [${[...elements, ...more].join(", ")}]`;
}
