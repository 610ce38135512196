import { type Converter, converterOf } from "./convert.ts";
import type { Schema } from "./schema.ts";

/** The parts of a request that arrive as text, whatever the body is. */
const textParts: ReadonlySet<string> = new Set(["params", "query", "cookies"]);

/**
 * Makes the function that prepares what the action of a route is called with: text of path, query, cookies and a form is
 * turned into the declared types, and defaults are filled in everywhere. Undefined if there is nothing to do.
 *
 * @param schema as `servedRequest` gives it, with the parts of the request as its properties.
 * @param form whether the body is an HTML form.
 */
export function requestConverter(schema: Schema, form: boolean): Converter | undefined {
  const parts = Object.entries(schema.properties ?? {}).flatMap(([name, part]) => {
    const convert = converterOf(part, { text: textParts.has(name) || (form && name === "body") });
    return convert || part.default !== undefined ? [{ name, convert, fallback: part.default }] : [];
  });
  if (parts.length === 0) return undefined;
  return (request) => {
    const converted: Record<string, unknown> = { ...Object(request) };
    for (const { name, convert, fallback } of parts) {
      const given = converted[name] ?? structuredClone(fallback);
      if (given !== undefined) converted[name] = convert ? convert(given) : given;
    }
    return converted;
  };
}
