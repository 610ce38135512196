import type { TSchema } from "typebox";
import Compile from "typebox/compile";
import { setFormats } from "./formats.ts";

/** Whether a value keeps the rule that it would have to keep in a request. */
export function keeps(rule: TSchema, value: unknown): boolean {
  setFormats();
  return Compile(rule).Check(value);
}
