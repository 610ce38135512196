import { type EventData, handle, PermanentError } from "postbox";
import { mail } from "../../../libs/emails/mail.ts";
import { findRecipient } from "../recipients/find-recipient.ts";
import { render } from "../templates/layout.ts";
import { sending, sendOnce } from "./send-once.ts";

/** Sends a mail that another service asked for, in the words of that service. */
export const sendRequested = handle(
  mail.fromAny,
  async (message, tx) => {
    const { to, expires_at, ...content } = message.data;
    const recipientId = typeof to === "string" ? null : to.user_id;
    const address = typeof to === "string" ? to : (await findRecipient(tx, to.user_id)).email;
    await sendOnce(tx, message, expires_at, () => ({
      to: address,
      recipientId,
      template: message.type,
      ...written(content),
    }));
  },
  sending,
);

/** @throws PermanentError for a button that leads nowhere. */
function written({ subject, paragraphs, button }: Omit<EventData<typeof mail.fromAny>, "to" | "expires_at">) {
  // The schema has let through the beginning `http`; the rest may still be no address.
  if (button && !URL.canParse(button.url))
    throw new PermanentError(`The button of the mail leads to '${button.url}', which is no address.`);
  return render({ subject, before: paragraphs, ...(button && { offer: button }), after: [] });
}
