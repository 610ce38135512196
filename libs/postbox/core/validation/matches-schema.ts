import type { TSchema } from "typebox";
import Compile from "typebox/compile";
import { setFormats } from "./formats.ts";

/** Whether a value fits a schema, by the rules that requests are validated with. */
export function matchesSchema(rule: TSchema, value: unknown): boolean {
  setFormats();
  return Compile(rule).Check(value);
}
