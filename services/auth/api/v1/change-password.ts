import { action, caller, message, PostboxError } from "postbox";
import { changePasswordParams } from "../../../../libs/auth/actions.ts";
import { changeAccountPassword } from "../../accounts/change-account-password.ts";
import { checkPresentPassword } from "../../accounts/check-password.ts";
import { getAccount } from "../../accounts/get-account.ts";
import { lockAccount } from "../../accounts/lock-account.ts";
import type { AuthService } from "../../auth-service.ts";
import { hashPassword, normalized } from "../../passwords/passwords.ts";
import { refuseBadPassword } from "../../passwords/refuse-bad-password.ts";

const wrongPassword = () => new PostboxError("wrong-password", "The current password is not the one given.");

/** Called by users: passwords are known here alone. All sessions end, the caller's as well. */
export const changePassword = action({
  access: "gen",
  params: changePasswordParams,
  response: message,
  async handler(this: AuthService, ctx) {
    const { current_password, new_password } = ctx.params;
    const account = await getAccount(this.db, caller(ctx).user_id);
    // The field as the route of users names it.
    refuseBadPassword(new_password, account, "body.new_password");
    if (!(await checkPresentPassword(this.db, account, current_password))) throw wrongPassword();
    if (normalized(current_password) === normalized(new_password))
      throw new PostboxError("no-change", "The new password is the present one; choose another.");
    const hash = await hashPassword(new_password);
    await this.transaction(async (tx) => {
      const locked = await lockAccount(tx, account.id);
      if (locked.password_hash !== account.password_hash) throw wrongPassword();
      await changeAccountPassword(tx, locked, hash, ctx.meta.clientAddress);
    });
    return { message: "Your password is changed; log in with it." };
  },
});
