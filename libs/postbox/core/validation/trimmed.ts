import type { TSchema } from "typebox";
import type { Schema } from "./schema.ts";

const keyword = "x-trim";

/** The same text, but blanks around it are dropped before it is checked: `trimmed(username)`. Never for a password. */
export function trimmed<Text extends TSchema>(text: Text): Text {
  return { ...text, [keyword]: true };
}

/** Whether the blanks around a text are dropped before it is checked. */
export const isTrimmed = (schema: Schema): boolean => schema[keyword] === true;
