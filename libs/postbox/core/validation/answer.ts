import Compile from "typebox/compile";
import type { FieldError } from "../errors/postbox-error.ts";
import { faults } from "./faults.ts";
import { leaveOut } from "./left-out.ts";
import { isAnnotation, type Schema } from "./schema.ts";

/** What an answer breaks of its schema, and what is left of the answer without the properties that the schema lacks. */
export interface AnswerFaults {
  readonly faults: readonly FieldError[];
  /** Rules that are broken still once unnamed properties are left out. */
  readonly broken: boolean;
  readonly rest: unknown;
}

/**
 * Makes the check of an action's answers; undefined for a schema that takes everything. The check gives undefined for an
 * answer that keeps its schema: that path costs one compiled check.
 *
 * An answer is judged as the JSON that a client gets: a date is a text, and what is undefined is not there.
 *
 * @param schema as `servedSchema` gives it.
 */
export function answerCheck(schema: Schema): ((answer: unknown) => AnswerFaults | undefined) | undefined {
  if (Object.keys(schema).every(isAnnotation)) return undefined;
  const validator = Compile(schema);
  const withoutUnnamed = leaveOut(schema);
  return (answer) => {
    if (validator.Check(answer)) return undefined;
    const sent = asSent(answer);
    if (validator.Check(sent)) return undefined;
    const rest = withoutUnnamed(sent);
    return { faults: faults(validator.Errors(sent), schema), broken: !validator.Check(rest), rest };
  };
}

function asSent(answer: unknown): unknown {
  const text = JSON.stringify(answer);
  return text === undefined ? undefined : JSON.parse(text);
}
