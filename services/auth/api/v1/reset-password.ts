import { action, message, object, PostboxError } from "postbox";
import { Type } from "typebox";
import { newPassword } from "../../../../libs/auth/fields.ts";
import { changeAccountPassword } from "../../accounts/change-account-password.ts";
import { getAccount } from "../../accounts/get-account.ts";
import { lockAccount } from "../../accounts/lock-account.ts";
import { verifyAccount } from "../../accounts/verify-account.ts";
import type { AuthService } from "../../auth-service.ts";
import { linkOwner, redeemLink } from "../../links/redeem-link.ts";
import { hashPassword, verifyPassword } from "../../passwords/passwords.ts";
import { refuseBadPassword } from "../../passwords/refuse-bad-password.ts";

export const resetPassword = action({
  rest: "POST /password/reset",
  access: "public",
  errors: ["link-invalid", "no-change"],
  summary: "Set a new password with the code in the mail, which proves the address; all sessions end",
  rateLimit: "10/minute, 50/hour",
  params: object({ body: object({ token: Type.String({ maxLength: 200 }), new_password: newPassword }) }),
  response: message,
  async prepare(this: AuthService, ctx) {
    const { token, new_password } = ctx.params.body;
    const account = await getAccount(this.db, await linkOwner(this.db, token, "reset"));
    refuseBadPassword(new_password, account, "body.new_password");
    if (await verifyPassword(new_password, account.password_hash))
      throw new PostboxError("no-change", "This is the present password; choose another.");
    return { account, hash: await hashPassword(new_password) };
  },
  async handler(this: AuthService, ctx, { account, hash }) {
    const { token } = ctx.params.body;
    await this.transaction(async (tx) => {
      const locked = await lockAccount(tx, account.id);
      await redeemLink(tx, token, "reset");
      await changeAccountPassword(tx, locked, hash, ctx.meta.clientAddress);
      if (!locked.verified) await verifyAccount(tx, account.id);
    });
    return { message: "Your password is changed; log in with it." };
  },
});
