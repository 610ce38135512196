import { Type } from "typebox";
import { object } from "../../core/validation/object.ts";

/** The answer to a change: one sentence. */
export const message = object({ message: Type.String() });
