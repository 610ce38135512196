import type { Transaction } from "postbox";
import { changePassword } from "../../../libs/auth/events.ts";
import type { AuthService } from "../auth-service.ts";
import { voidLinks } from "../links/void-links.ts";
import { endSessions } from "../sessions/end-sessions.ts";
import { updateAccount } from "./update-account.ts";

/**
 * Stores a new password, ends all sessions, deletes all reset links, and has the owner told by mail. A reset link that still
 * worked could undo the change. The caller has locked the account.
 */
export async function changeAccountPassword(
  service: AuthService,
  tx: Transaction,
  accountId: string,
  password_hash: string,
): Promise<void> {
  await updateAccount(tx, accountId, { password_hash });
  await endSessions(tx, accountId);
  await voidLinks(tx, accountId, "reset");
  service.enqueue(changePassword, { user_id: accountId });
}
