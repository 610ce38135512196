import { action, object } from "postbox";
import { caughtMailsResult } from "../../../libs/emails/actions.ts";
import { caughtHere } from "../mails/local-mail.ts";

/** Tells what this worker caught. */
export const caughtMails = action({
  access: "service",
  params: object({}),
  response: caughtMailsResult,
  handler: () => [...caughtHere()],
});
