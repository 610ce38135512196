import type { TSchema } from "typebox";
import type { Schema } from "./schema.ts";

const keyword = "x-trim";

/** The same text, but blanks around it are dropped before it is checked: `trimmed(username)`. Never for a password. */
export function trimmed<Text extends TSchema>(text: Text): Text {
  return { ...text, [keyword]: true };
}

/** Drops the blanks around each text. */
export type Trim = (given: unknown) => unknown;

/** Makes the function that drops blanks where the schema says `trimmed`. Undefined where it says so nowhere. */
export function trimmer(schema: Schema): Trim | undefined {
  if (schema[keyword] === true) return (given) => (typeof given === "string" ? given.trim() : given);
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const trim = trimmer(property);
    return trim ? [[name, trim] as const] : [];
  });
  if (fields.length === 0) return undefined;
  return (given) => {
    if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
    const texts = fields.filter(([name]) => Object.hasOwn(given, name));
    return { ...given, ...Object.fromEntries(texts.map(([name, trim]) => [name, trim(Reflect.get(given, name))])) };
  };
}
