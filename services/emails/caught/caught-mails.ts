import { caughtMailsResult } from "../../../libs/emails/actions.ts";
import { object } from "../../../libs/postbox/core/validation/object.ts";
import { action } from "../../../libs/postbox/edge/actions/action.ts";
import { caughtHere } from "../mails/local-mail.ts";

/** Tells what this worker caught. */
export const caughtMails = action({
  access: "service",
  params: object({}),
  response: caughtMailsResult,
  handler: () => [...caughtHere()],
});
