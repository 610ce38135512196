import { type Static, Type } from "typebox";
import { object } from "../../core/validation/object.ts";
import { type ActionRef, actionRef } from "../actions/action.ts";

/**
 * The query of every node to the service that issues access tokens: which of them were revoked before they expired.
 *
 * - `since`: the `as_of` of an earlier answer. The new answer holds what was revoked after it, with an overlap: an entry
 *   may come twice, none is missed. Without `since` the answer holds every revoked token that has not expired.
 * - `after`: the `next` of the last page, with the same `since`. A page has 5,000 entries at most; the last one has no
 *   `next`.
 *
 * The next round's `since` is the `as_of` of the first page: a token that is revoked meanwhile may sort before `after`.
 */
export const revocationsParams = object({
  since: Type.Optional(Type.String({ format: "date-time" })),
  after: Type.Optional(Type.String({ format: "uuid" })),
});

/** The answer to that query: one page of revoked tokens. */
export const revocationsResult = Type.Object({
  revoked: Type.Array(
    Type.Object({
      /** The token's `jti`. */
      jti: Type.String(),
      /** When the token expires. After it the entry can be forgotten. */
      expires_at: Type.String({ format: "date-time" }),
    }),
  ),
  as_of: Type.String({ format: "date-time" }),
  next: Type.Optional(Type.String()),
});

/** Reference of the action that answers the query. */
export type Revocations = ActionRef<Static<typeof revocationsParams>, Static<typeof revocationsResult>>;

/**
 * Names the action that answers the query. The runtime finds it as the export `revocations` of
 * `libs/<service>/revocations.ts`: `export const revocations = revocationsAction("v1.auth.revocations")`.
 */
export const revocationsAction = (name: string): Revocations => actionRef(name);
