import { action, object } from "postbox";
import { caughtMailsResult } from "../../../libs/emails/actions.ts";
import { caughtHere } from "../mails/local-mail.ts";

/** The mails that this worker has caught. */
export const caughtMails = action({
  access: "service",
  params: object({}),
  response: caughtMailsResult,
  handler: () => [...caughtHere()],
});
