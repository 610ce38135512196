import { PostboxError } from "../../core/errors/postbox-error.ts";

/** A field of an event or a model, as `--field amount:integer` asks for it. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
}

/** By type: its schema in a contract, its column in a model, a value for a test, and its type in TypeScript. */
const types = {
  string: { schema: "Type.String()", column: "DataTypes.TEXT", sample: `"text"`, ts: "string" },
  integer: { schema: "Type.Integer()", column: "DataTypes.INTEGER", sample: "1", ts: "number" },
  number: { schema: "Type.Number()", column: "DataTypes.DOUBLE", sample: "1.5", ts: "number" },
  boolean: { schema: "Type.Boolean()", column: "DataTypes.BOOLEAN", sample: "true", ts: "boolean" },
  uuid: {
    schema: `Type.String({ format: "uuid" })`,
    column: "DataTypes.UUID",
    sample: `"01975a2e-0000-7000-8000-000000000001"`,
    ts: "string",
  },
  time: {
    schema: `Type.String({ format: "date-time" })`,
    column: "DataTypes.DATE",
    sample: `new Date(0).toISOString()`,
    ts: "Date",
  },
} as const;

type FieldType = keyof typeof types;

const isType = (text: string): text is FieldType => Object.hasOwn(types, text);

/** The names of all types. */
export const fieldTypes: readonly string[] = Object.keys(types);

export const typeOf = ({ type }: Field) => types[type];

/** @throws PostboxError `scaffold-failed` for a text that is not `name:type`. */
export function readField(text: string): Field {
  const [name = "", type = "", ...rest] = text.split(":");
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name) || !isType(type) || rest.length > 0)
    throw new PostboxError(
      "scaffold-failed",
      `'${text}' is no field; write a lowercase name and one of ${fieldTypes.join(", ")}, such as 'amount:integer'.`,
    );
  return { name, type };
}

/** Fields as the members of an object in code. */
export const membersOf = (fields: readonly Field[], value: (field: Field) => string): string =>
  fields.map((field) => `${field.name}: ${value(field)}`).join(", ");
