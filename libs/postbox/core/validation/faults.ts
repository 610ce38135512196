import type { TLocalizedValidationError } from "typebox/error";
import type { FieldError } from "../errors/postbox-error.ts";
import type { Schema } from "./schema.ts";

/** Broken rules told at most: enough to mend a form, too few to make an answer large. */
const maxFaults = 20;

/** Names of properties that are repeated to the client; any other is rejected input. */
const plainName = /^[A-Za-z][\w.-]{0,39}$/;

/** The rules of a schema that were broken, one a field and rule, with no value of the client's in them. */
export function faults(errors: readonly TLocalizedValidationError[], schema: Schema): FieldError[] {
  const all = errors.flatMap((error) => fieldErrors(error, schema));
  const distinct = new Map(all.map((fault) => [`${fault.field} ${fault.rule}`, fault]));
  return [...distinct.values()].slice(0, maxFaults);
}

function fieldErrors(error: TLocalizedValidationError, schema: Schema): FieldError[] {
  const path = steps(error.instancePath);
  switch (error.keyword) {
    case "boolean":
      // Each property that is refused is told once more by its object's `additionalProperties`.
      return [];
    case "required":
      return error.params.requiredProperties.map((name) => fault([...path, name], "required", "must be given"));
    case "additionalProperties":
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
  return { field: path.map((name) => (isPlain(name) ? name : "(unnamed)")).join("."), rule, message };
}

const isPlain = (name: string) => plainName.test(name) || /^\d{1,6}$/.test(name);

/** What the schema at a pointer asks for, as it says itself: a pattern is for programs to read. */
function inWords(pointer: string, schema: Schema): string | undefined {
  const { description, title } = steps(pointer).reduce<Schema>((at, step) => Object(Reflect.get(at, step)), schema);
  const told = description ?? title;
  return typeof told === "string" ? `does not fit: ${told}` : undefined;
}

/** The steps of a JSON Pointer, as they were before escaping (RFC 6901). */
const steps = (pointer: string) =>
  pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
