import { defineEvent } from "postbox/schema";
import { Type } from "typebox";
import { email, userId, username } from "../auth/fields.ts";

export { mail } from "./mail.ts";

/** The kinds of mail. */
export const templateNames = ["verification", "reset", "password-changed"] as const;
export type TemplateName = (typeof templateNames)[number];

/**
 * A mail is to be sent. The emails service sends the event to itself once it has decided what to send. A mail that cannot
 * be delivered then holds up neither other mails nor other events of its user.
 */
export const sendMail = defineEvent({
  service: "emails",
  name: "send.mail",
  version: 1,
  targets: ["emails"],
  schema: Type.Object({
    template: Type.Enum([...templateNames]),
    user_id: userId,
    username,
    email,
    /** The token of the link, still sealed. */
    sealed_token: Type.Optional(Type.String()),
    /** When the link expires. After it the mail is not sent any more. */
    expires_at: Type.Optional(Type.String({ format: "date-time" })),
  }),
});
