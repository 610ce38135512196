import fc from "fast-check";
import type { Route } from "postbox/testing";

type Schema = Route["document"]["params"];

/** Texts that have broken servers: controls, NUL, long, odd Unicode, SQL, paths, names that reach a prototype. */
const odd = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(
    "",
    "\0",
    "\u202e",
    "\ud800",
    "'; drop table account; --",
    "../../etc/passwd",
    "{{7*7}}",
    "__proto__",
  ),
  fc.string({ minLength: 1_000, maxLength: 2_000 }),
  fc.emailAddress(),
  fc.uuid(),
);

const hostile = fc.constantFrom("__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "role", "$ne");

/** Values that a schema may describe, most of them near its limits; not all of them keep it. */
export function arbitraryOf(schema: Schema | undefined): fc.Arbitrary<unknown> {
  const { type, properties, items, anyOf, enum: values, const: constant } = schema ?? {};
  if (constant !== undefined) return fc.constant(constant);
  if (Array.isArray(values)) return fc.oneof(fc.constantFrom(...values), odd);
  if (anyOf) return fc.oneof(...anyOf.map(arbitraryOf));
  switch (type) {
    case "object":
      return objectOf(properties ?? {});
    case "array":
      return fc.array(arbitraryOf(items), { maxLength: 5 });
    case "integer":
    case "number":
      return fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, -1, 2 ** 31, 2 ** 53, 1e308));
    case "boolean":
      return fc.boolean();
    default:
      return fc.oneof(textOf(schema ?? {}), odd);
  }
}

/** The named properties, some left out, sometimes with one more that nobody asked for. */
function objectOf(properties: Readonly<Record<string, Schema>>): fc.Arbitrary<unknown> {
  const named = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, arbitraryOf(one)])),
    { requiredKeys: [] },
  );
  const extra = fc.option(fc.tuple(fc.oneof(hostile, fc.string({ maxLength: 20 })), fc.jsonValue({ maxDepth: 2 })), {
    freq: 3,
  });
  return fc.tuple(named, extra).map(([object, more]) => {
    // Defined, not assigned: `__proto__` must become a property of its own, to be written into the JSON.
    if (more) Object.defineProperty(object, more[0], { value: more[1], enumerable: true, configurable: true });
    return object;
  });
}

function textOf({ minLength, maxLength, format }: Schema): fc.Arbitrary<unknown> {
  if (format === "email") return fc.emailAddress();
  if (format === "uuid") return fc.uuid();
  const longest = Math.min(Number(maxLength ?? 30) + 1, 100);
  return fc.string({ minLength: Math.min(Number(minLength ?? 0), longest), maxLength: longest });
}
