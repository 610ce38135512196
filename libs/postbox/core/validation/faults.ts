import type { TLocalizedValidationError } from "typebox/error";
import type { FieldError } from "../errors/postbox-error.ts";
import { isPlain, type Schema } from "./schema.ts";

/** Broken rules reported at most: enough to correct a form, too few to make an answer large. */
const maxFaults = 20;

/** Property names that an answer may repeat. Any other name is rejected input, and is never sent back. */
const plainName = /^[A-Za-z][\w.-]{0,39}$/;

/** The broken rules of a schema, once for each field and rule. They contain no value that the client sent. */
export function faults(errors: readonly TLocalizedValidationError[], schema: Schema): FieldError[] {
  const all = errors.flatMap((error) => fieldErrors(error, schema));
  const distinct = new Map(all.map((fault) => [`${fault.field} ${fault.rule}`, fault]));
  return [...distinct.values()].slice(0, maxFaults);
}

function fieldErrors(error: TLocalizedValidationError, schema: Schema): FieldError[] {
  const path = steps(error.instancePath);
  switch (error.keyword) {
    case "boolean":
      // A refused property is reported a second time by its object's `additionalProperties`.
      return [];
    case "required":
      return error.params.requiredProperties.map((name) => fault([...path, name], "required", "must be given"));
    case "additionalProperties":
      // Of a record, the value of a name was refused: the fault in the value tells.
      if (isPlain(schemaAt(error.schemaPath, schema).additionalProperties)) return [];
      return error.params.additionalProperties.map((name) =>
        fault([...path, name], "additionalProperties", "is not taken here"),
      );
    case "pattern":
      return [fault(path, "pattern", inWords(error.schemaPath, schema) ?? error.message)];
    default:
      return [fault(path, error.keyword, error.message)];
  }
}

function fault(path: readonly string[], rule: string, message: string): FieldError {
  return { field: path.map((name) => (mayBeRepeated(name) ? name : "(unnamed)")).join("."), rule, message };
}

const mayBeRepeated = (name: string) => plainName.test(name) || /^\d{1,6}$/.test(name);

function schemaAt(pointer: string, schema: Schema): Schema {
  return steps(pointer).reduce<Schema>((at, step) => Object(Reflect.get(at, step)), schema);
}

/** The description of the schema at a pointer: a pattern is for programs to read. */
function inWords(pointer: string, schema: Schema): string | undefined {
  const { description, title } = schemaAt(pointer, schema);
  const words = description ?? title;
  return typeof words === "string" ? `does not fit: ${words}` : undefined;
}

/** The steps of a JSON Pointer, unescaped (RFC 6901). */
const steps = (pointer: string) =>
  pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
