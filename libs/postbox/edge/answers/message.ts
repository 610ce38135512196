import { Type } from "typebox";
import { object } from "../../core/validation/object.ts";

/** The `response` of an action that only tells that a change was made: `{ message }`, one sentence. */
export const message = object({ message: Type.String() });
