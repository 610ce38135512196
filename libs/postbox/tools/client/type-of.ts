import type { Schema } from "../../core/validation/schema.ts";

/** A JSON Schema as a TypeScript type, in text. What the type cannot say (patterns, limits) is left to the server. */
export function typeOf(schema: Schema | undefined): string {
  const { type, properties, items, anyOf, oneOf, enum: values, const: constant } = schema ?? {};
  if (constant !== undefined) return JSON.stringify(constant);
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(" | ");
  const choices = anyOf ?? oneOf;
  if (choices) return choices.map(typeOf).join(" | ");
  switch (type) {
    case "object":
      return properties ? objectType(properties, schema?.required ?? []) : "Record<string, unknown>";
    case "array":
      return `readonly (${typeOf(items)})[]`;
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

function objectType(properties: Readonly<Record<string, Schema>>, required: readonly string[]): string {
  const members = Object.entries(properties).map(([name, property]) => {
    const optional = !required.includes(name) || property.default !== undefined;
    return `readonly ${/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)}${optional ? "?" : ""}: ${typeOf(property)}`;
  });
  return `{ ${members.join("; ")} }`;
}
