import type { ServiceTransaction } from "postbox";
import { changePassword } from "../../../libs/auth/events.ts";
import { clearAttempts } from "../attempts/clear-attempts.ts";
import { forgetAddresses, rememberAddress } from "../clients/known-addresses.ts";
import { voidLinks } from "../links/void-links.ts";
import { endSessions } from "../sessions/end-sessions.ts";
import type { AccountRow } from "./account-row.ts";
import { updateAccount } from "./update-account.ts";

/**
 * Stores a new password, ends all sessions, deletes all reset links, and has the owner told by mail. A reset link that still
 * worked could undo the change.
 *
 * Wrong passwords of before do not count any more. Of the addresses that were known, the one of the change alone stays
 * known: the owner can log in from there at once, whatever strangers try. The caller has locked the account.
 */
export async function changeAccountPassword(
  tx: ServiceTransaction,
  account: AccountRow,
  password_hash: string,
  address: string | undefined,
): Promise<void> {
  const { id } = account;
  await updateAccount(tx, id, { password_hash });
  await endSessions(tx, id);
  await voidLinks(tx, id, "reset");
  await clearAttempts(tx, account);
  await forgetAddresses(tx, id);
  await rememberAddress(tx, id, address);
  tx.enqueue(changePassword, { user_id: id });
}
