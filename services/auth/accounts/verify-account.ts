import type { ServiceTransaction } from "postbox";
import { changeUser } from "../../../libs/auth/events.ts";
import { toPublicUser } from "./account-row.ts";
import { updateAccount } from "./update-account.ts";

/** Takes the account's address for proved: a link that was mailed there came back. The caller has locked the account. */
export async function verifyAccount(tx: ServiceTransaction, id: string): Promise<void> {
  const account = await updateAccount(tx, id, { verified: true });
  tx.enqueue(changeUser, { user: toPublicUser(account) });
}
