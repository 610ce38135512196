import { expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { type TSchema, Type } from "typebox";
import Compile from "typebox/compile";
import { converterOf } from "../convert.ts";
import type { Schema } from "../schema.ts";
import { servedRequest, servedSchema } from "./served-schema.ts";

/** As `TSchema` comes out of a broker: without what TypeBox keeps beside the JSON. */
const sent = (schema: TSchema): Schema => JSON.parse(JSON.stringify(schema));

const names = fc.constantFrom("a", "b", "c");
const leaf: fc.Arbitrary<TSchema> = fc.oneof(
  fc.constantFrom(
    Type.String({ minLength: 1, maxLength: 2 }),
    Type.String({ pattern: "^[ab]*$" }),
    Type.Integer({ minimum: 0, maximum: 3 }),
    Type.Number(),
    Type.Boolean(),
    Type.Null(),
    Type.Enum([1, 2]),
    Type.Enum(["x", 1, null] as never),
    Type.Unknown(),
  ),
  fc.constantFrom("x", 1, true).map((value) => Type.Literal(value)),
);

const fields = (one: fc.Arbitrary<TSchema>) =>
  fc.dictionary(
    names,
    fc.tuple(one, fc.boolean()).map(([schema, optional]) => (optional ? Type.Optional(schema) : schema)),
    { maxKeys: 3, noNullPrototype: true },
  );

/** Schemas as people write them, by the ways that TypeBox has. */
const { schema: schemas } = fc.letrec<{ schema: TSchema; object: TSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    tie("object"),
    fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((members) => Type.Union(members)),
    tie("schema").map((items) => Type.Array(items, { maxItems: 2 })),
    fc.array(tie("schema"), { maxLength: 2 }).map((items) => Type.Tuple(items)),
    tie("schema").map((value) => Type.Record(Type.String(), value)),
    tie("schema").map((value) => Type.Record(Type.Integer(), value)),
    tie("schema").map((value) => Type.Module({ One: Type.Object({ a: Type.Ref("Two") }), Two: value }).One as TSchema),
    // Members that share no property, as those of an intersection mostly do.
    fc
      .tuple(fields(tie("schema")), tie("schema"), tie("schema"))
      .map(([own, one, other]) =>
        Type.Intersect([Type.Object(own), Type.Union([Type.Object({ d: one }), Type.Object({ e: other })])]),
      ),
  ),
  object: fields(tie("schema")).map((properties) => Type.Object(properties)),
}));

/** Values that a schema may describe, most of them nearly. */
function near(schema: Schema): fc.Arbitrary<unknown> {
  const odd = fc.constantFrom<unknown>("", "a", "x", "👍", 0, 1, 1.5, -1, true, null, [], {}, { a: 1 });
  const { type, properties, items, prefixItems, anyOf, additionalProperties, patternProperties } = schema;
  const values = schema.const !== undefined ? [schema.const] : schema.enum;
  const exact = (): fc.Arbitrary<unknown> => {
    if (Array.isArray(values)) return fc.constantFrom<unknown>(...values);
    if (anyOf) return fc.oneof(...anyOf.map(near));
    if (type === "array" && prefixItems) return fc.tuple(...prefixItems.map(near));
    if (type === "array") return fc.array(items ? near(items) : odd, { maxLength: 2 });
    if (type !== "object") return odd;
    const others = typeof additionalProperties === "object" ? additionalProperties : undefined;
    const [ofPattern] = Object.values(patternProperties ?? {});
    const more = fc.dictionary(
      fc.constantFrom("a", "7", "more"),
      others ? near(others) : ofPattern ? near(ofPattern) : odd,
      { maxKeys: others || ofPattern ? 2 : 1, noNullPrototype: true },
    );
    const known = fc.record(
      Object.fromEntries(Object.entries(properties ?? {}).map(([name, one]) => [name, near(one)])),
      { requiredKeys: Object.keys(properties ?? {}), noNullPrototype: true },
    );
    const unnamed = others || ofPattern ? more : fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, more);
    return fc.tuple(known, unnamed).map(([one, other]) => ({ ...other, ...one }));
  };
  return fc.oneof({ weight: 8, arbitrary: exact() }, odd);
}

const cases = schemas.chain((schema) => {
  const served = servedSchema(sent(schema));
  return fc.tuple(fc.constant(schema), fc.constant(served), fc.array(near(served), { minLength: 10, maxLength: 10 }));
});

test("the validator and the document take the same values, and none that the schema refuses as it was written", () => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictTuples: false, validateFormats: false });
  const seen = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(cases, ([schema, served, values]) => {
      const document = ajv.compile(served);
      const validator = Compile(served as TSchema);
      const open = Compile(schema);
      for (const value of values) {
        const taken = validator.Check(value);
        seen[taken ? "taken" : "refused"] += 1;
        expect({ value, taken: document(value) }).toEqual({ value, taken });
        // Closing a schema refuses more, and takes nothing more.
        if (taken) expect({ value, open: open.Check(value) }).toEqual({ value, open: true });
      }
    }),
    { numRuns: 150 },
  );
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(50);
});

/** Every object in a schema, whether it is closed. */
function openObjects(schema: unknown): number {
  if (typeof schema !== "object" || schema === null) return 0;
  const others: unknown = Reflect.get(schema, "additionalProperties");
  const open = Reflect.get(schema, "type") === "object" && (others === undefined || others === true);
  return Object.values(schema).reduce<number>((sum, one) => sum + openObjects(one), open ? 1 : 0);
}

test("every object is closed, and no reference is left, whatever it is part of", () => {
  fc.assert(
    fc.property(schemas, (schema) => {
      const served = servedSchema(sent(schema));
      expect(openObjects(served)).toBe(0);
      expect(JSON.stringify(served)).not.toMatch(/\$ref|\$defs|allOf/);
    }),
    { numRuns: 150 },
  );
});

const scalars = fc
  .array(leaf, { minLength: 1, maxLength: 3 })
  .map((members): TSchema => (members.length > 1 ? Type.Union(members) : (members[0] ?? Type.Null())));

test("what a document takes as the value of a query, written as text, is taken", () => {
  fc.assert(
    fc.property(
      scalars.chain((schema) => fc.tuple(fc.constant(schema), near(sent(schema)))),
      fc.boolean(),
      ([schema, value], list) => {
        const served = servedRequest(sent(list ? Type.Array(schema) : schema));
        const given = list ? [value] : value;
        const validator = Compile(served as TSchema);
        fc.pre(typeof value !== "object" || value === null);
        fc.pre(validator.Check(given));
        const convert = converterOf(served, { text: true });
        const text = list ? [String(value)] : String(value);
        expect(validator.Check(convert ? convert(text) : text)).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

test.each<[TSchema, string, unknown]>([
  [Type.Union([Type.Literal(10), Type.Literal(50)]), "10", 10],
  [Type.Union([Type.Integer(), Type.Null()]), "null", null],
  [Type.Union([Type.Integer(), Type.String()]), "10", 10],
  [Type.Union([Type.String(), Type.Integer()]), "10", "10"],
  [Type.Enum([1, 2]), "2", 2],
  [Type.Array(Type.Enum([1, 2])), "2", [2]],
  [Type.Number(), "1e-7", 1e-7],
  [Type.Number(), "0x10", "0x10"],
])("%j reads %j as %j", (schema, text, value) => {
  expect(converterOf(servedRequest(sent(schema)), { text: true })?.(text)).toEqual(value);
});

test("defaults are filled in at every depth, and those of a choice by the member that fits", () => {
  const schema = Type.Object({
    size: Type.Integer({ default: 10 }),
    inner: Type.Object({ tags: Type.Array(Type.String(), { default: [] }) }),
    lines: Type.Array(Type.Object({ count: Type.Integer({ default: 1 }) })),
    by: Type.Union([
      Type.Object({ kind: Type.Literal("a"), x: Type.Integer({ default: 1 }) }),
      Type.Object({ kind: Type.Literal("b"), y: Type.Integer({ default: 2 }) }),
    ]),
  });
  const served = servedRequest(sent(schema));
  const given = { inner: {}, lines: [{}, { count: 3 }], by: { kind: "b" } };
  expect(Compile(served as TSchema).Check(given)).toBe(true);
  expect(converterOf(served, { text: false })?.(given)).toEqual({
    size: 10,
    inner: { tags: [] },
    lines: [{ count: 1 }, { count: 3 }],
    by: { kind: "b", y: 2 },
  });
});
