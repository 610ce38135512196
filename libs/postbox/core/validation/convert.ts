import Compile from "typebox/compile";
import { choicesOf, isPlain, type Schema } from "./schema.ts";
import { isTrimmed } from "./trimmed.ts";

/** Gives a value as its schema has it. What does not fit is left as it is, for the validator to refuse. */
export type Converter = (value: unknown) => unknown;

/** How the values of a schema are written. */
export interface Written {
  /** As text, as in a path, a query, a cookie or a form. Otherwise as JSON. */
  readonly text: boolean;
}

/**
 * Makes the function that fills in the defaults of a schema, drops the blanks around texts that are `trimmed`, and turns
 * text into the declared types: a number, a boolean, null, a list (of one, too). Of a choice the first member counts that
 * the converted value fits. Undefined if there is nothing to do.
 *
 * @param schema as `servedRequest` gives it.
 */
export function converterOf(schema: Schema, written: Written): Converter | undefined {
  const convert = ofType(schema, written);
  if (!isTrimmed(schema)) return convert;
  return (value) => {
    const text = trim(value);
    return convert ? convert(text) : text;
  };
}

function ofType(schema: Schema, written: Written): Converter | undefined {
  const choices = choicesOf(schema);
  if (choices) return ofChoice(choices, written);
  if (written.text) {
    if (schema.const !== undefined) return ofConstants([schema.const]);
    if (Array.isArray(schema.enum)) return ofConstants(schema.enum);
  }
  switch (schema.type) {
    case "object":
      return ofObject(schema, written);
    case "array":
      return ofArray(schema, written);
    case "boolean":
      return written.text ? ofConstants([true, false]) : undefined;
    case "null":
      return written.text ? ofConstants([null]) : undefined;
    case "integer":
    case "number":
      return written.text ? toNumber : undefined;
    default:
      return undefined;
  }
}

function ofChoice(choices: readonly Schema[], written: Written): Converter | undefined {
  const branches = choices.map((schema) => ({ convert: converterOf(schema, written), fits: Compile(schema) }));
  if (branches.every(({ convert }) => convert === undefined)) return undefined;
  return (value) => {
    for (const { convert, fits } of branches) {
      const converted = convert ? convert(value) : value;
      if (fits.Check(converted)) return converted;
    }
    return value;
  };
}

/** A text that is one of the values stays; of two values with the same text the first counts. */
function ofConstants(values: readonly unknown[]): Converter | undefined {
  if (values.every((value) => typeof value === "string")) return undefined;
  const byText = new Map([...values].reverse().map((value) => [String(value), value]));
  for (const value of values) if (typeof value === "string") byText.set(value, value);
  return (value) => (typeof value === "string" && byText.has(value) ? byText.get(value) : value);
}

const trim = (value: unknown) => (typeof value === "string" ? value.trim() : value);

const decimal = /^-?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i;

function toNumber(value: unknown): unknown {
  return typeof value === "string" && decimal.test(value) ? Number(value) : value;
}

function ofArray({ items, prefixItems = [] }: Schema, written: Written): Converter | undefined {
  const ofItem = items && converterOf(items, written);
  const ofFirst = prefixItems.map((schema) => converterOf(schema, written));
  if (!written.text && !ofItem && !ofFirst.some(Boolean)) return undefined;
  const convert = (value: unknown, at: number) => {
    const ofThis = at < ofFirst.length ? ofFirst[at] : ofItem;
    return ofThis ? ofThis(value) : value;
  };
  return (value) => {
    if (Array.isArray(value)) return value.map(convert);
    return written.text && typeof value === "string" ? [convert(value, 0)] : value;
  };
}

function ofObject(schema: Schema, written: Written): Converter | undefined {
  const { properties = {}, additionalProperties, patternProperties = {} } = schema;
  const fields = Object.entries(properties).flatMap(([name, property]) => {
    const convert = converterOf(property, written);
    return convert || property.default !== undefined ? [{ name, convert, fallback: property.default }] : [];
  });
  const ofOthers = isPlain(additionalProperties) ? converterOf(additionalProperties, written) : undefined;
  const byPattern = Object.entries(patternProperties).flatMap(([pattern, one]) => {
    const convert = converterOf(one, written);
    return convert ? [{ pattern: new RegExp(pattern, "u"), convert }] : [];
  });
  if (fields.length === 0 && !ofOthers && byPattern.length === 0) return undefined;
  const convertOther = (name: string, value: unknown) => {
    const found = byPattern.find(({ pattern }) => pattern.test(name));
    const convert = found ? found.convert : ofOthers;
    return convert ? convert(value) : value;
  };
  const named = (object: Readonly<Record<string, unknown>>) => {
    const converted: Record<string, unknown> = { ...object };
    for (const { name, convert, fallback } of fields) {
      const value = Object.hasOwn(object, name) ? object[name] : undefined;
      if (value === undefined) {
        if (fallback !== undefined) converted[name] = structuredClone(fallback);
      } else if (convert) converted[name] = convert(value);
    }
    return converted;
  };
  if (!ofOthers && byPattern.length === 0) return (value) => (isPlain(value) ? named(value) : value);
  return (value) =>
    isPlain(value)
      ? Object.fromEntries(
          Object.entries(named(value)).map(([name, one]) => [
            name,
            Object.hasOwn(properties, name) ? one : convertOther(name, one),
          ]),
        )
      : value;
}
