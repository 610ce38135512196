import { isDeepStrictEqual } from "node:util";
import Compile from "typebox/compile";
import { setFormats } from "../formats.ts";
import { choicesOf, isAnnotation, isPlain, mapValues, type Schema } from "../schema.ts";
import { intersection } from "./intersection.ts";
import { checkKeywords } from "./keywords.ts";
import { UnservedSchema } from "./unserved-schema.ts";
import { withoutReferences } from "./without-references.ts";

/**
 * What an action's schema means, in the one form that the validator, the document and the client are made of: JSON
 * Schema 2020-12 without `$ref` and `allOf`, every object of it closed.
 *
 * - An object takes the properties it names, unless it says `additionalProperties`. That goes for every object: of a
 *   choice, an intersection, a list, a tuple, a record.
 * - An intersection of objects is one object. An intersection with a choice is a choice of intersections.
 * - A tuple is `prefixItems`, a record `additionalProperties`.
 *
 * @throws UnservedSchema for what cannot be brought into this form.
 */
export function servedSchema(schema: Schema): Schema {
  setFormats();
  return served(withoutReferences(schema), []);
}

/**
 * The same for a schema that comes in with a request: a property with a default need not be given.
 *
 * @throws UnservedSchema
 */
export function servedRequest(schema: Schema): Schema {
  return withDefaultsOptional(servedSchema(schema));
}

function served(given: Schema, at: readonly string[]): Schema {
  const schema = withTypesAsChoice(given);
  const { allOf, anyOf, oneOf, ...own } = schema;
  const said = Object.entries(own);
  const notes = Object.fromEntries(said.filter(([keyword]) => isAnnotation(keyword)));
  const rules = Object.fromEntries(said.filter(([keyword]) => !isAnnotation(keyword)));
  const members = [
    ...(Object.keys(rules).length > 0 ? [rules] : []),
    ...(anyOf ? [{ anyOf }] : []),
    ...(oneOf ? [{ oneOf }] : []),
    ...(allOf ?? []),
  ].flatMap(flattened);
  const result =
    allOf || members.length > 1
      ? { ...servedIntersection(members, at), ...notes }
      : choicesOf(schema)
        ? { ...servedChoice(schema, at), ...notes }
        : servedPlain(own, at);
  checkDefault(result, at);
  return result;
}

/** An intersection's members, with those of the intersections among them. */
function flattened(schema: Schema): Schema[] {
  const { allOf, ...own } = withTypesAsChoice(schema);
  if (!allOf) return [own];
  return [...(Object.keys(own).length > 0 ? [own] : []), ...allOf.flatMap(flattened)];
}

function servedIntersection(members: readonly Schema[], at: readonly string[]): Schema {
  const choice = members.find(choicesOf);
  if (!choice)
    return served(
      members.reduce((all, one) => intersection(all, one, at), {}),
      at,
    );
  const others = members.filter((member) => member !== choice);
  const { anyOf, oneOf, ...beside } = choice;
  const joined = (branch: Schema) => ({
    allOf: [...others, beside, branch].filter((one) => Object.keys(one).length > 0),
  });
  if (anyOf && oneOf) return served({ allOf: [...others, beside, { anyOf }, { oneOf }] }, at);
  return servedChoice(anyOf ? { anyOf: anyOf.map(joined) } : { oneOf: (oneOf ?? []).map(joined) }, at);
}

/** `type: ["string", "null"]` is a choice of two. */
function withTypesAsChoice(schema: Schema): Schema {
  const { type, ...rest }: Readonly<Record<string, unknown>> = schema;
  if (!Array.isArray(type)) return schema;
  const choice = { anyOf: type.map((one) => ({ type: one })) };
  return rest.anyOf ? { allOf: [rest, choice] } : { ...rest, ...choice };
}

function servedChoice({ anyOf, oneOf }: Schema, at: readonly string[]): Schema {
  const branches = (anyOf ?? oneOf ?? []).map((one) => served(one, at));
  const [only] = branches;
  if (!only) throw new UnservedSchema(at, "is a choice of nothing, which no value can be; give it a member.");
  if (branches.length === 1) return only;
  return anyOf ? { anyOf: branches } : { oneOf: branches };
}

function servedPlain(schema: Schema, at: readonly string[]): Schema {
  const plain = withPrefixItems(schema);
  checkKeywords(plain, at);
  const { properties, items, prefixItems, patternProperties, additionalProperties } = plain;
  const unnamed = plain.required?.find((name) => properties && !Object.hasOwn(properties, name));
  if (unnamed !== undefined && !additionalProperties && !patternProperties)
    throw new UnservedSchema(at, `requires '${unnamed}' and takes no such property; name it in \`properties\`.`);
  const record = patternProperties?.["^.*$"];
  const isRecord = record !== undefined && !properties && Object.keys(patternProperties ?? {}).length === 1;
  const { patternProperties: _, ...rest } = plain;
  const shape = isRecord ? rest : plain;
  const others = isRecord ? record : additionalProperties;
  return {
    ...shape,
    ...(properties && { properties: mapValues(properties, (one, name) => served(one, [...at, name])) }),
    ...(patternProperties &&
      !isRecord && {
        patternProperties: mapValues(patternProperties, (one) => served(one, [...at, "{}"])),
      }),
    ...((properties || patternProperties) && { additionalProperties: false }),
    ...(others !== undefined && {
      additionalProperties: isPlain(others) ? served(others, [...at, "{}"]) : others,
    }),
    ...(isPlain(items) && { items: served(items, [...at, "[]"]) }),
    ...(prefixItems && { prefixItems: prefixItems.map((one, n) => served(one, [...at, `${n}`])) }),
  };
}

/** A tuple as JSON Schema 2020-12 writes it. TypeBox has the form of draft 7: a list in `items`. */
function withPrefixItems(schema: Schema): Schema {
  const { items, additionalItems, ...rest } = schema;
  if (!Array.isArray(items)) return schema;
  if (items.length === 0) return { ...rest, maxItems: 0 };
  if (isPlain(additionalItems)) return { ...rest, prefixItems: items, items: additionalItems };
  return { ...rest, prefixItems: items, ...(additionalItems !== true && { maxItems: items.length }) };
}

function checkDefault(schema: Schema, at: readonly string[]): void {
  if (schema.default === undefined) return;
  if (!Compile(withDefaultsOptional(schema)).Check(schema.default))
    throw new UnservedSchema(at, "has a default that breaks its own rules; give one that fits.");
}

function withDefaultsOptional(schema: Schema): Schema {
  const { properties, required, items, prefixItems, anyOf, oneOf, additionalProperties, patternProperties } = schema;
  const asked = required?.filter((name) => properties?.[name]?.default === undefined);
  return {
    ...schema,
    ...(properties && { properties: mapValues(properties, withDefaultsOptional) }),
    ...(patternProperties && { patternProperties: mapValues(patternProperties, withDefaultsOptional) }),
    ...(isPlain(additionalProperties) && { additionalProperties: withDefaultsOptional(additionalProperties) }),
    ...(asked && !isDeepStrictEqual(asked, required) && { required: asked }),
    ...(isPlain(items) && { items: withDefaultsOptional(items) }),
    ...(prefixItems && { prefixItems: prefixItems.map(withDefaultsOptional) }),
    ...(anyOf && { anyOf: anyOf.map(withDefaultsOptional) }),
    ...(oneOf && { oneOf: oneOf.map(withDefaultsOptional) }),
  };
}
