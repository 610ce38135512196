/** A JSON Schema as plain data: what is left of a TypeBox value once Moleculer has cloned or sent it. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
  readonly default?: unknown;
  readonly [keyword: string]: unknown;
}

/** Whether `params` is a JSON Schema, and not one in the form of Moleculer's own validator. */
export function isSchema(params: unknown): params is Schema {
  if (typeof params !== "object" || params === null) return false;
  const { type, anyOf, oneOf, allOf } = params as Schema;
  return type === "object" || [anyOf, oneOf, allOf].some(Array.isArray);
}

/** The same schema, but every object in it takes only the properties it names, unless it says otherwise. */
export function closed(schema: Schema): Schema {
  const { properties, items, anyOf, oneOf } = schema;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, closed(one)])),
      additionalProperties: schema.additionalProperties ?? false,
    }),
    ...(items && { items: closed(items) }),
    ...(anyOf && { anyOf: anyOf.map(closed) }),
    ...(oneOf && { oneOf: oneOf.map(closed) }),
  };
}
