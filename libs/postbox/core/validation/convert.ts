import type { Schema } from "./schema.ts";

/** The parts of a request that arrive as text. */
const textParts = ["params", "query", "cookies"] as const;

type RequestPart = Readonly<Record<string, unknown>>;
type Converter = (part: RequestPart) => RequestPart;

/**
 * Makes the function that turns text into what an action's schema declares, in the parts of a request that are text
 * only: a number, a boolean, a list (of one, too), a default. What does not fit is left as it is, for the validator
 * to refuse. Undefined if there is nothing to turn.
 */
export function textConverter(schema: Schema): Converter | undefined {
  const converters = textParts.flatMap((name) => {
    const part = schema.properties?.[name];
    const convert = part && partConverter(part);
    return convert ? [[name, convert] as const] : [];
  });
  if (converters.length === 0) return undefined;
  return (request) => {
    const converted: Record<string, unknown> = { ...request };
    for (const [name, convert] of converters) {
      const part = request[name];
      if (typeof part === "object" && part !== null) converted[name] = convert(part as RequestPart);
    }
    return converted;
  };
}

function partConverter(part: Schema): Converter | undefined {
  const fields = Object.entries(part.properties ?? {}).filter(([, { type, default: given }]) => {
    return type !== "string" || given !== undefined;
  });
  if (fields.length === 0) return undefined;
  return (values) => {
    const converted: Record<string, unknown> = { ...values };
    for (const [name, schema] of fields) {
      const value = Object.hasOwn(values, name) ? fromText(values[name], schema) : schema.default;
      if (value !== undefined) converted[name] = value;
    }
    return converted;
  };
}

function fromText(value: unknown, { type, items }: Schema): unknown {
  if (type === "array")
    return (Array.isArray(value) ? value : [value]).map((one) => (items ? fromText(one, items) : one));
  if (typeof value !== "string") return value;
  if (type === "boolean") return value === "true" ? true : value === "false" ? false : value;
  if (type === "integer" || type === "number") return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  return value;
}
