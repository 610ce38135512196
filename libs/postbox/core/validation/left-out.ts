import Compile from "typebox/compile";
import { choicesOf, isPlain, mapValues, type Schema } from "./schema.ts";

/** Gives a value without the properties that its schema does not take. */
export type LeaveOut = (value: unknown) => unknown;

/**
 * Makes the function that leaves out of a value every property that its schema does not take. Of a choice the first
 * member counts that the rest fits; where none does, what any member takes is left.
 *
 * @param schema as `servedSchema` gives it.
 */
export function leaveOut(schema: Schema): LeaveOut {
  const choices = choicesOf(schema);
  if (choices) return ofChoice(choices);
  if (schema.type === "array") return ofArray(schema);
  if (schema.type === "object") return ofObject(schema);
  return (value) => value;
}

function ofChoice(choices: readonly Schema[]): LeaveOut {
  const branches = choices.map((schema) => ({ rest: leaveOut(schema), fits: Compile(schema) }));
  return (value) => {
    const left = branches.map(({ rest, fits }) => ({ value: rest(value), fits }));
    const found = left.find((one) => one.fits.Check(one.value));
    if (found || !isPlain(value)) return found ? found.value : value;
    return Object.assign({}, ...left.map((one) => one.value));
  };
}

function ofArray({ items, prefixItems = [] }: Schema): LeaveOut {
  const ofFirst = prefixItems.map(leaveOut);
  const ofItem = items && leaveOut(items);
  return (value) =>
    Array.isArray(value)
      ? value.map((one, at) => {
          const rest = at < ofFirst.length ? ofFirst[at] : ofItem;
          return rest ? rest(one) : one;
        })
      : value;
}

function ofObject({ properties, additionalProperties = true, patternProperties = {} }: Schema): LeaveOut {
  const named = new Map(Object.entries(mapValues(properties ?? {}, leaveOut)));
  const byPattern = Object.entries(patternProperties).map(
    ([pattern, schema]) => [new RegExp(pattern, "u"), leaveOut(schema)] as const,
  );
  const ofOthers = isPlain(additionalProperties) ? leaveOut(additionalProperties) : undefined;
  const taken = (name: string): LeaveOut | undefined =>
    named.get(name) ??
    byPattern.find(([pattern]) => pattern.test(name))?.[1] ??
    ofOthers ??
    (additionalProperties === false ? undefined : (value) => value);
  return (value) =>
    isPlain(value)
      ? Object.fromEntries(
          Object.entries(value).flatMap(([name, one]) => {
            const rest = taken(name);
            return rest ? [[name, rest(one)]] : [];
          }),
        )
      : value;
}
