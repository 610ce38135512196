import { isPlain, type Schema } from "../schema.ts";
import { UnservedSchema } from "./unserved-schema.ts";

/** Schemas by the names that a `$ref` may call them. */
type Definitions = ReadonlyMap<string, Schema>;

/**
 * The same schema with each `$ref` replaced by what it names, so that every part of it can be used alone: in a document,
 * a client, a choice.
 *
 * @throws UnservedSchema for a name that nothing has, and for a schema that contains itself.
 */
export function withoutReferences(schema: Schema): Schema {
  return replaced(schema, new Map(), []) as Schema;
}

/** @param within the names whose schemas are being written out. */
function replaced(value: unknown, outer: Definitions, within: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((one) => replaced(one, outer, within));
  if (!isPlain(value)) return value;
  const { $defs, $id: _id, $schema: _schema, $ref, ...rest } = value;
  const definitions = isPlain($defs) ? new Map([...outer, ...named($defs)]) : outer;
  const own: Record<string, unknown> = {};
  for (const [keyword, held] of Object.entries(rest))
    own[keyword] = plainData.has(keyword) ? held : inside(keyword, held, definitions, within);
  if (typeof $ref !== "string") return own;
  const found = definitions.get($ref);
  if (!found)
    throw new UnservedSchema([], `refers to '${$ref}', which nothing in it is called; put the schema itself there.`);
  if (within.includes($ref))
    throw new UnservedSchema(
      [],
      `contains itself, by '${$ref}'; write it out as deep as it may go, or take \`Type.Unknown()\` where it repeats.`,
    );
  const target = replaced(found, definitions, [...within, $ref]) as Schema;
  return Object.keys(own).length === 0 ? target : { ...target, ...own };
}

/** Keywords that hold values, not schemas. */
const plainData = new Set(["default", "examples", "const", "enum", "required"]);

/** `properties` holds schemas by names, which are no keywords. */
function inside(keyword: string, held: unknown, definitions: Definitions, within: readonly string[]): unknown {
  if ((keyword !== "properties" && keyword !== "patternProperties") || !isPlain(held))
    return replaced(held, definitions, within);
  return Object.fromEntries(Object.entries(held).map(([name, one]) => [name, replaced(one, definitions, within)]));
}

/** Both forms of a reference: TypeBox writes `Node`, others `#/$defs/Node`. */
function named($defs: Readonly<Record<string, unknown>>): [string, Schema][] {
  return Object.entries($defs).flatMap(([name, schema]) =>
    isPlain(schema) ? [name, `#/$defs/${name}`].map((called): [string, Schema] => [called, schema]) : [],
  );
}
