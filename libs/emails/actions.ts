import { actionRef, object } from "postbox/schema";
import { type Static, Type } from "typebox";

/** Mails that a worker caught in local instead of sending them, the newest first. */
export const caughtMailsResult = Type.Array(
  object({
    message_id: Type.String(),
    from: Type.String(),
    to: Type.String(),
    subject: Type.String(),
    html: Type.String(),
    text: Type.String(),
    received_at: Type.String({ format: "date-time" }),
  }),
);
export const caughtMails = actionRef<object, Static<typeof caughtMailsResult>>("emails.worker.caughtMails");
