import { isDeepStrictEqual } from "node:util";

/** One difference between two schemas that breaks somebody, at a dotted path; `""` is the payload itself. */
export interface SchemaBreak {
  readonly path: string;
  readonly change: string;
}

type Schema = Readonly<Record<string, unknown>>;

/** Keywords that say something to a reader and nothing to a validator. */
const annotations = new Set(["title", "description", "examples", "default", "$comment", "$id", "deprecated"]);
const compared = new Set(["properties", "required", "items"]);
/** Keywords by which a schema lists its values; their order means nothing. */
const listing = new Set(["enum", "anyOf"]);

/**
 * What of `present` breaks a reader that relies on `frozen`.
 *
 * An event is read by releases older and newer than the one that wrote it: rows are stored, deploys overlap. So a
 * payload of either schema must be valid under the other, and what may change within a version is little: a new
 * optional property, where the old schema takes properties that it does not name, and annotations.
 */
export function compareSchemas(frozen: unknown, present: unknown, path = ""): SchemaBreak[] {
  if (!isSchema(frozen) || !isSchema(present))
    return isDeepStrictEqual(frozen, present) ? [] : [{ path, change: "is another schema" }];
  const choices = [choicesOf(frozen), choicesOf(present)] as const;
  const apart = (key: string) => compared.has(key) || (choices.every(Boolean) && listing.has(key));
  const keywords = new Set([...Object.keys(frozen), ...Object.keys(present)].filter((key) => !annotations.has(key)));
  const breaks = [...keywords]
    .filter((key) => !apart(key) && !isDeepStrictEqual(frozen[key], present[key]))
    .map((key) => ({ path, change: `'${key}' was ${shown(frozen[key])} and is ${shown(present[key])}` }));
  breaks.push(...compareChoices(path, ...choices));
  if (frozen.items !== undefined || present.items !== undefined)
    breaks.push(...compareSchemas(frozen.items, present.items, join(path, "[]")));
  return [...breaks, ...compareProperties(frozen, present, path)];
}

function compareProperties(frozen: Schema, present: Schema, path: string): SchemaBreak[] {
  const [before, after] = [propertiesOf(frozen), propertiesOf(present)];
  const [neededBefore, neededAfter] = [requiredOf(frozen), requiredOf(present)];
  const breaks: SchemaBreak[] = [];
  for (const [name, schema] of Object.entries(before)) {
    const at = join(path, name);
    if (!(name in after)) {
      breaks.push({ path: at, change: "is gone" });
      continue;
    }
    if (neededBefore.has(name) !== neededAfter.has(name))
      breaks.push({
        path: at,
        change: neededAfter.has(name) ? "was optional and is required" : "was required and is optional",
      });
    breaks.push(...compareSchemas(schema, after[name], at));
  }
  for (const name of Object.keys(after).filter((key) => !(key in before))) {
    if (neededAfter.has(name)) breaks.push({ path: join(path, name), change: "is new and required" });
    else if (frozen.additionalProperties === false)
      breaks.push({
        path: join(path, name),
        change: "is new, and older releases take no property that they do not name",
      });
  }
  return breaks;
}

function compareChoices(path: string, before?: readonly unknown[], after?: readonly unknown[]): SchemaBreak[] {
  if (!before || !after) return [];
  const [gone, fresh] = [without(before, after), without(after, before)];
  return [
    ...(gone.length > 0 ? [{ path, change: `no longer takes ${gone.map(shown).join(", ")}` }] : []),
    ...(fresh.length > 0
      ? [{ path, change: `takes ${fresh.map(shown).join(", ")} now, which older releases refuse` }]
      : []),
  ];
}

const without = (values: readonly unknown[], others: readonly unknown[]) =>
  values.filter((value) => !others.includes(value));

/** The values of a schema that lists them: an `enum`, or an `anyOf` of constants. */
function choicesOf({ enum: values, anyOf }: Schema): readonly unknown[] | undefined {
  if (Array.isArray(values)) return values;
  if (!Array.isArray(anyOf) || !anyOf.every((one) => isSchema(one) && "const" in one)) return undefined;
  return anyOf.map((one: Schema) => one.const);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function propertiesOf({ properties }: Schema): Schema {
  return isSchema(properties) ? properties : {};
}

function requiredOf({ required }: Schema): Set<unknown> {
  return new Set(Array.isArray(required) ? required : []);
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function shown(value: unknown): string {
  return value === undefined ? "absent" : JSON.stringify(value);
}
