import { action, message, PostboxError } from "postbox";
import { setDisabledParams } from "../../../../libs/auth/actions.ts";
import { changeUser } from "../../../../libs/auth/events.ts";
import { toPublicUser } from "../../accounts/account-row.ts";
import { lockAccount } from "../../accounts/lock-account.ts";
import { updateAccount } from "../../accounts/update-account.ts";
import type { AuthService } from "../../auth-service.ts";
import { endSessions } from "../../sessions/end-sessions.ts";

/**
 * Shuts a user out, or lets one in again: for other services and for the command line, in their own name, since a
 * user's token may be older than the loss of the role. A root cannot be shut out.
 */
export const setDisabled = action({
  access: "service",
  params: setDisabledParams,
  response: message,
  async handler(this: AuthService, ctx) {
    const { user_id, disabled } = ctx.params;
    await this.transaction(async (tx) => {
      const before = await lockAccount(tx, user_id);
      if (disabled && before.role === "root")
        throw new PostboxError("forbidden", "A root cannot be shut out; change the role first.");
      if (before.disabled === disabled)
        throw new PostboxError("no-change", `This user is ${disabled ? "shut out" : "let in"} already.`);
      const account = await updateAccount(tx, user_id, { disabled });
      if (disabled) await endSessions(tx, user_id);
      tx.enqueue(changeUser, { user: toPublicUser(account) });
    });
    return { message: disabled ? "The user is shut out." : "The user may log in again." };
  },
});
