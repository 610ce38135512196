import Compile from "typebox/compile";
import { choicesOf, type Schema } from "../../core/validation/schema.ts";

const byFormat: Readonly<Record<string, string>> = {
  "date-time": "2026-11-22T12:00:00.000Z",
  date: "2026-11-22",
  email: "ada@example.com",
  uri: "https://example.com/",
  uuid: "0193b5a4-7c1e-7b3a-9d52-6f1a2b3c4d5e",
  ipv4: "192.0.2.1",
};

/** A schema, with an example beside it if a valid one can be made. */
export function withExample(schema: Schema): { schema: Schema; example?: unknown } {
  // As a reader of the document sees the example: what is undefined is not there.
  const text = JSON.stringify(exampleOf(schema));
  const example: unknown = text === undefined ? undefined : JSON.parse(text);
  return example !== undefined && Compile(schema).Check(example) ? { schema, example } : { schema };
}

/** An example for a schema: the first one that it names itself, else its default, else a simple value of its type. */
export function exampleOf(schema: Schema): unknown {
  const { type, examples, default: given, const: constant, enum: values, format } = schema;
  if (Array.isArray(examples)) return examples[0];
  if (given !== undefined) return given;
  if (constant !== undefined) return constant;
  if (Array.isArray(values)) return values[0];
  const [choice] = choicesOf(schema) ?? [];
  if (choice) return exampleOf(choice);
  switch (type) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, property]) => [name, exampleOf(property)]),
      );
    case "array":
      return (schema.prefixItems ?? (schema.items && schema.maxItems !== 0 ? [schema.items] : [])).map(exampleOf);
    case "string":
      return typeof format === "string" ? byFormat[format] : "a".repeat(Number(schema.minLength ?? 1));
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    case "boolean":
      return true;
    default:
      // Any value will do.
      return null;
  }
}
