import { action, PostboxError } from "postbox";
import { findUserParams } from "../../../../libs/auth/actions.ts";
import { publicUser } from "../../../../libs/auth/user.ts";
import { toPublicUser } from "../../accounts/account-row.ts";
import { findAccount } from "../../accounts/find-account.ts";
import type { AuthService } from "../../auth-service.ts";

/** Called by users: whose name or address this is now is known here alone. */
export const findUser = action({
  access: "mgmt",
  params: findUserParams,
  response: publicUser,
  async handler(this: AuthService, ctx) {
    const account = await findAccount(this.db, ctx.params.username_email);
    if (!account) throw new PostboxError("not-found", "No user has this name or address.");
    return toPublicUser(account);
  },
});
