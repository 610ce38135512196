import { actionRef, object, trimmed } from "postbox/schema";
import { type Static, Type } from "typebox";
import { newPassword, roleName, userId, username, usernameOrEmail } from "./fields.ts";
import type { PublicUser } from "./user.ts";

/** Changes that auth makes for the users service, on behalf of the caller whose token travels along. */
export const findUserParams = object({ username_email: trimmed(usernameOrEmail) });
export const findUser = actionRef<Static<typeof findUserParams>, PublicUser>("v1.auth.findUser");

export const changeUsernameParams = object({ new_username: trimmed(username) });
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
