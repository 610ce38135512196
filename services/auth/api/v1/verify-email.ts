import { action, message, object } from "postbox";
import { Type } from "typebox";
import { changeUser } from "../../../../libs/auth/events.ts";
import { toPublicUser } from "../../accounts/account-row.ts";
import { lockAccount } from "../../accounts/lock-account.ts";
import { updateAccount } from "../../accounts/update-account.ts";
import type { AuthService } from "../../auth-service.ts";
import { linkOwner, redeemLink } from "../../links/redeem-link.ts";

export const verifyEmail = action({
  rest: "GET /verification/email/:token",
  access: "public",
  safe: false,
  errors: ["link-invalid"],
  summary: "Prove an address by following the link in the mail",
  rateLimit: "30/minute",
  params: object({ params: object({ token: Type.String({ maxLength: 200 }) }) }),
  response: message,
  async handler(this: AuthService, ctx) {
    const { token } = ctx.params.params;
    await this.transaction(async (tx) => {
      const { id } = await lockAccount(tx, await linkOwner(tx, token, "verification"));
      await redeemLink(tx, token, "verification");
      const account = await updateAccount(tx, id, { verified: true });
      this.enqueue(changeUser, { user: toPublicUser(account) });
    });
    return { message: "Your address is verified." };
  },
});
