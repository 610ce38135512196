import { handle } from "postbox";
import { requestLink, sendLink } from "../../../libs/auth/events.ts";
import { findAccount } from "../accounts/find-account.ts";
import { lockAccount } from "../accounts/lock-account.ts";
import { mintLink } from "./mint-link.ts";

/** Makes the link that somebody asked for, if there is a user who can use it. */
export const answerRequest = handle(requestLink, async ({ data: { purpose, username_email } }, tx) => {
  const found = await findAccount(tx, username_email);
  if (!found) return;
  const account = await lockAccount(tx, found.id);
  if (account.disabled) return;
  if (purpose === "verification" && account.verified) return;
  const link = await mintLink(tx, account.id, purpose);
  if (link) tx.enqueue(sendLink, link);
});
