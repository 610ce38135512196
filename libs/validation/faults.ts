import type { TLocalizedValidationError } from "typebox/error";
import type { FieldError } from "../errors/postbox-error.ts";

/** Broken rules told at most: enough to mend a form, too few to make an answer large. */
const mostFaults = 20;

/** Names of properties that are repeated to the client; any other is rejected input. */
const plainName = /^[A-Za-z][\w.-]{0,39}$/;

/** The broken rules, one a field and rule, with no value of the client's in them. */
export function faults(errors: readonly TLocalizedValidationError[]): FieldError[] {
  const all = errors.flatMap(fieldErrors);
  const distinct = new Map(all.map((fault) => [`${fault.field} ${fault.rule}`, fault]));
  return [...distinct.values()].slice(0, mostFaults);
}

function fieldErrors(error: TLocalizedValidationError): FieldError[] {
  const path = error.instancePath.split("/").slice(1).map(unescaped);
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
    default:
      return [fault(path, error.keyword, error.message)];
  }
}

function fault(path: readonly string[], rule: string, message: string): FieldError {
  return { field: path.map((name) => (isPlain(name) ? name : "(unnamed)")).join("."), rule, message };
}

const isPlain = (name: string) => plainName.test(name) || /^\d{1,6}$/.test(name);

/** A step of a JSON Pointer, as it was before escaping (RFC 6901). */
const unescaped = (step: string) => step.replaceAll("~1", "/").replaceAll("~0", "~");
