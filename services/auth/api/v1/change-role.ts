import { action, caller, message, PostboxError, roleSets } from "postbox";
import { changeRoleParams } from "../../../../libs/auth/actions.ts";
import { changeUser } from "../../../../libs/auth/events.ts";
import { type AccountRow, toPublicUser } from "../../accounts/account-row.ts";
import { lockAccounts } from "../../accounts/lock-account.ts";
import { updateAccount } from "../../accounts/update-account.ts";
import type { AuthService } from "../../auth-service.ts";
import { revokeAccessTokens } from "../../sessions/end-sessions.ts";

/**
 * Called by users. The caller is judged by the role in the database, because a token still says the old one for seconds
 * after it was taken. Only root makes or unmakes a root, and nobody changes their own role: so whoever unmakes a root
 * is one that is left. The user's sessions stay; their next refresh brings the new role.
 */
export const changeRole = action({
  access: "mgmt",
  idempotency: true,
  params: changeRoleParams,
  response: message,
  async handler(this: AuthService, ctx) {
    const { user_id, new_role } = ctx.params;
    await this.transaction(async (tx) => {
      const { actor, account: before } = await lockAccounts(tx, caller(ctx).user_id, user_id);
      if (!manages(actor)) throw new PostboxError("forbidden", "You may not do that any more; log in again.");
      if (actor.id === before.id)
        throw new PostboxError("forbidden", "Nobody can change their own role; ask another root.");
      if (actor.role !== "root" && [before.role, new_role].includes("root"))
        throw new PostboxError("forbidden", "Only root can make or unmake a root.");
      if (before.role === new_role) throw new PostboxError("no-change", `This user's role is ${new_role} already.`);
      const account = await updateAccount(tx, before.id, { role: new_role });
      await revokeAccessTokens(tx, before.id);
      tx.enqueue(changeUser, { user: toPublicUser(account) });
    });
    return { message: `The user's role is now ${new_role}.` };
  },
});

function manages({ role, disabled }: AccountRow): boolean {
  return !disabled && roleSets.mgmt.some((one) => one === role);
}
