import { type Static, Type } from "typebox";
import { actionRef } from "../moleculer/action.ts";
import { object } from "../moleculer/object.ts";
import type { PublicUser } from "../users/user.ts";
import { newPassword, roleName, userId, username, usernameOrEmail } from "./fields.ts";

/** What auth decides for the users service, on behalf of the caller whose token travels along. */
export const findUserParams = object({ username_email: usernameOrEmail });
export const findUser = actionRef<Static<typeof findUserParams>, PublicUser>("v1.auth.findUser");

export const changeUsernameParams = object({ new_username: username });
export const changeUsername = actionRef<Static<typeof changeUsernameParams>, { message: string }>(
  "v1.auth.changeUsername",
);

export const changePasswordParams = object({
  current_password: Type.String({ maxLength: 1024 }),
  new_password: newPassword,
});
export const changePassword = actionRef<Static<typeof changePasswordParams>, { message: string }>(
  "v1.auth.changePassword",
);

export const changeRoleParams = object({ user_id: userId, new_role: roleName });
export const changeRole = actionRef<Static<typeof changeRoleParams>, { message: string }>("v1.auth.changeRole");

export const setDisabledParams = object({ user_id: userId, disabled: Type.Boolean() });
export const setDisabled = actionRef<Static<typeof setDisabledParams>, { message: string }>("v1.auth.setDisabled");

/**
 * Access tokens that were revoked before they expired. Give `as_of` of the last answer as `since` and get what came
 * after it, with an overlap: an entry may come twice, none is missed. Without `since`: all that still matter. An answer
 * has 5,000 at most; while it has `next`, ask again with the same `since` and that as `after`. What is revoked meanwhile
 * may stand before `after`, so the next `since` is `as_of` of the first page.
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
export const revocations = actionRef<Static<typeof revocationsParams>, Static<typeof revocationsResult>>(
  "v1.auth.revocations",
);
