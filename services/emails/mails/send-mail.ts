import { handle } from "postbox";
import { sendMail as event } from "../../../libs/emails/events.ts";
import { compose } from "./compose.ts";
import { sending, sendOnce } from "./send-once.ts";

/** Sends a mail of emails' own: a link that auth has made, or word of a change. */
export const sendMail = handle(
  event,
  (message, tx) => {
    const { data } = message;
    return sendOnce(tx, message, data.expires_at, () => ({
      to: data.email,
      recipientId: data.user_id,
      template: data.template,
      ...compose(data),
    }));
  },
  sending,
);
