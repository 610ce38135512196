import { type Static, Type } from "typebox";
import { object } from "../../core/validation/object.ts";
import { type ActionRef, actionRef } from "../actions/action.ts";

/**
 * What every node asks the service that issues tokens: which access tokens were revoked before they expired.
 *
 * Give `as_of` of the last answer as `since` and get what came after it, with an overlap: an entry may come twice, none is
 * missed. Without `since`: all that still matter. An answer has 5,000 entries at most. While it has `next`, ask again with
 * the same `since` and `next` as `after`. What is revoked meanwhile may stand before `after`, so the next `since` is
 * `as_of` of the first page.
 */
export const revocationsParams = object({
  since: Type.Optional(Type.String({ format: "date-time" })),
  after: Type.Optional(Type.String({ format: "uuid" })),
});

export const revocationsResult = Type.Object({
  revoked: Type.Array(
    Type.Object({
      /** The token's `jti`. */
      jti: Type.String(),
      /** After it the token is expired anyway, and the entry can be forgotten. */
      expires_at: Type.String({ format: "date-time" }),
    }),
  ),
  as_of: Type.String({ format: "date-time" }),
  next: Type.Optional(Type.String()),
});

export type Revocations = ActionRef<Static<typeof revocationsParams>, Static<typeof revocationsResult>>;

/** Names the action that answers it: `libs/<service>/revocations.ts` exports the value as `revocations`. */
export const revocationsAction = (name: string): Revocations => actionRef(name);
