import { action, caller, message, PostboxError } from "postbox";
import { changeUsernameParams } from "../../../../libs/auth/actions.ts";
import { changeUser } from "../../../../libs/auth/events.ts";
import { toPublicUser } from "../../accounts/account-row.ts";
import { fold } from "../../accounts/fold.ts";
import { lockAccount } from "../../accounts/lock-account.ts";
import { refuseReserved } from "../../accounts/taken.ts";
import { updateAccount } from "../../accounts/update-account.ts";
import type { AuthService } from "../../auth-service.ts";

/** Called by users: whether a name is free is known here alone. */
export const changeUsername = action({
  access: "gen",
  idempotency: true,
  params: changeUsernameParams,
  response: message,
  async handler(this: AuthService, ctx) {
    const { user_id } = caller(ctx);
    const username = fold(ctx.params.new_username);
    await this.transaction(async (tx) => {
      const before = await lockAccount(tx, user_id);
      if (before.username === username)
        throw new PostboxError("no-change", "This is your name already; choose another.");
      refuseReserved(username);
      const account = await updateAccount(tx, user_id, { username });
      tx.enqueue(changeUser, { user: toPublicUser(account) });
    });
    return { message: `Your name is now ${username}.` };
  },
});
