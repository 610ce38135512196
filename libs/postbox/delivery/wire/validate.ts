import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { EventDefinition } from "./define-event.ts";

const validators = new WeakMap<TSchema, Validator>();

function validatorOf(schema: TSchema): Validator {
  const known = validators.get(schema);
  if (known) return known;
  const validator = Compile(schema) as unknown as Validator;
  validators.set(schema, validator);
  return validator;
}

/**
 * Checks a payload against its event's schema.
 *
 * @throws PostboxError `event-invalid`, with field, rule and message of each fault in `errors` of its data.
 */
export function validateEvent(event: EventDefinition, data: unknown): void {
  const validator = validatorOf(event.schema);
  if (validator.Check(data)) return;
  const errors = [...validator.Errors(data)].map(({ instancePath, keyword, message }) => ({
    field: instancePath.slice(1).replaceAll("/", "."),
    rule: keyword,
    message,
  }));
  const details = errors.map(({ field, message }) => `${field === "" ? "the payload" : field} ${message}`).join("; ");
  throw new PostboxError(
    "event-invalid",
    `Event '${event.subject}' version ${event.version}: ${details}. Keep the schema of its definition, or publish a new version.`,
    { errors },
  );
}
