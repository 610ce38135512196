import { UnservedSchema } from "./unserved-schema.ts";

/** Rules that TypeBox keeps as functions beside a schema. Cloning and sending a schema loses them. */
const hidden: Readonly<Record<string, string>> = {
  "~refine": "Type.Refine",
  "~codec": "Type.Codec, Type.Decode or Type.Encode",
};

/** @throws UnservedSchema for a TypeBox value with a rule that its JSON cannot say. */
export function refuseHiddenRules(schema: unknown, at: readonly string[] = []): void {
  if (typeof schema !== "object" || schema === null) return;
  const own = Object.entries(hidden).find(([key]) => Object.hasOwn(schema, key));
  if (own)
    throw new UnservedSchema(at, `is made with ${own[1]}, a rule that is lost on its way; check in the handler.`);
  for (const [name, held] of Object.entries(schema))
    refuseHiddenRules(held, name === "properties" ? at : [...at, name]);
}
