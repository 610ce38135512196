import { changeRoleParams } from "../../../../libs/auth/actions.ts";
import { caller } from "../../../../libs/auth/caller.ts";
import { changeUser } from "../../../../libs/auth/events.ts";
import { PostboxError } from "../../../../libs/errors/postbox-error.ts";
import { message } from "../../../../libs/http/message.ts";
import { action } from "../../../../libs/moleculer/action.ts";
import { toPublicUser } from "../../accounts/account-row.ts";
import { lockAccount } from "../../accounts/lock-account.ts";
import { updateAccount } from "../../accounts/update-account.ts";
import type { AuthService } from "../../auth-service.ts";
import { revokeAccessTokens } from "../../sessions/end-sessions.ts";

/**
 * Called by users. Only root makes or unmakes a root, and nobody changes their own role, so that one root is always
 * left. The user's sessions stay; their next refresh brings the new role.
 */
export const changeRole = action({
  access: "mgmt",
  idempotency: true,
  params: changeRoleParams,
  response: message,
  async handler(this: AuthService, ctx) {
    const { user_id, new_role } = ctx.params;
    const { user_id: own, role: ownRole } = caller(ctx);
    if (user_id === own) throw new PostboxError("forbidden", "Nobody can change their own role; ask another root.");
    await this.transaction(async (tx) => {
      const before = await lockAccount(tx, user_id);
      if (ownRole !== "root" && [before.role, new_role].includes("root"))
        throw new PostboxError("forbidden", "Only root can make or unmake a root.");
      if (before.role === new_role) throw new PostboxError("no-change", `This user's role is ${new_role} already.`);
      const account = await updateAccount(tx, user_id, { role: new_role });
      await revokeAccessTokens(tx, user_id);
      this.enqueue(changeUser, { user: toPublicUser(account) });
    });
    return { message: `The user's role is now ${new_role}.` };
  },
});
