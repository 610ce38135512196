import { isDeepStrictEqual } from "node:util";
import type { Schema } from "../schema.ts";
import { UnservedSchema } from "./unserved-schema.ts";

/**
 * Two schemas without choices as one, which takes what both take. Of two objects it is the object with the properties of
 * both: that is what TypeScript's `&` means, and the only form that can be closed.
 *
 * @throws UnservedSchema where the two contradict each other.
 */
export function intersection(one: Schema, other: Schema, at: readonly string[]): Schema {
  const merged: Record<string, unknown> = { ...one };
  for (const [keyword, value] of Object.entries(other)) {
    const before = merged[keyword];
    merged[keyword] =
      before === undefined || isDeepStrictEqual(before, value) ? value : both(keyword, before, value, at);
  }
  if (one.patternProperties ?? other.patternProperties)
    if (!isDeepStrictEqual(one.patternProperties, other.patternProperties) && hasNames(one) !== hasNames(other))
      throw new UnservedSchema(at, "is an object and a record at once; name its properties, or take a record alone.");
  // A member that says nothing of unknown properties leaves the word to the other.
  const open = [one, other].flatMap(({ additionalProperties }) =>
    additionalProperties === undefined ? [] : [additionalProperties],
  );
  if (open.length > 0) merged.additionalProperties = open.includes(false) ? false : open[0];
  return merged;
}

const hasNames = ({ properties }: Schema) => Object.keys(properties ?? {}).length > 0;

function both(keyword: string, one: unknown, other: unknown, at: readonly string[]): unknown {
  switch (keyword) {
    case "properties":
      return bothProperties(one as Schemas, other as Schemas);
    case "required":
      return [...new Set([...(one as string[]), ...(other as string[])])];
    case "additionalProperties":
      return one;
    case "title":
    case "description":
      return one;
    case "minimum":
    case "minLength":
    case "minItems":
      return Math.max(Number(one), Number(other));
    case "maximum":
    case "maxLength":
    case "maxItems":
      return Math.min(Number(one), Number(other));
    case "type":
      if (new Set([one, other, "integer", "number"]).size === 2) return "integer";
  }
  throw new UnservedSchema(
    at,
    `is an intersection whose members differ in '${keyword}'; write one schema that says what is meant.`,
  );
}

type Schemas = Readonly<Record<string, Schema>>;

/** A property of both is an intersection itself. */
function bothProperties(one: Schemas, other: Schemas): Schemas {
  const merged: Record<string, Schema> = { ...one };
  for (const [name, schema] of Object.entries(other)) {
    const before = merged[name];
    merged[name] = before === undefined || isDeepStrictEqual(before, schema) ? schema : { allOf: [before, schema] };
  }
  return merged;
}
