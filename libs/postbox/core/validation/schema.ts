/** A JSON Schema as plain data: what is left of a TypeBox value once Moleculer has cloned or sent it. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly default?: unknown;
  readonly [keyword: string]: unknown;
}

/** Whether `params` is a JSON Schema, and not one in the form of Moleculer's own validator. */
export function isSchema(params: unknown): params is Schema {
  if (!isPlain(params)) return false;
  const { type, anyOf, oneOf, allOf, $ref } = params;
  return type === "object" || typeof $ref === "string" || [anyOf, oneOf, allOf].some(Array.isArray);
}

/** Whether a value is an object, and neither null nor a list. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Keywords that say something of a value and refuse none. */
export const annotations: readonly string[] = [
  ...["title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment"],
  ...["contentEncoding", "contentMediaType"],
];

/** Whether a keyword refuses no value. Those that begin with `x-` are extensions. */
export const isAnnotation = (keyword: string) => annotations.includes(keyword) || keyword.startsWith("x-");

/** The schemas that a schema gives a choice of, by `anyOf` or `oneOf`; undefined if it gives none. */
export const choicesOf = ({ anyOf, oneOf }: Schema): readonly Schema[] | undefined => anyOf ?? oneOf;

/** Every value of an object made anew: `{ a: 1 }` with a function that adds one is `{ a: 2 }`. */
export function mapValues<From, To>(
  object: Readonly<Record<string, From>>,
  map: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value, name)]));
}
