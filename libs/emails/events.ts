import { defineEvent } from "postbox/schema";
import { Type } from "typebox";
import { email, userId, username } from "../auth/fields.ts";

/** The mails there are. */
export const templateNames = ["verification", "reset", "password-changed"] as const;
export type TemplateName = (typeof templateNames)[number];

/**
 * A mail is to be sent. The emails service tells itself, once it has decided what to send: so a mail that cannot be
 * delivered holds up neither the other mails nor the news of its user.
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
    /** The link's token, sealed as it came. */
    sealed_token: Type.Optional(Type.String()),
    /** After it the link does not work, and the mail is not worth sending. */
    expires_at: Type.Optional(Type.String({ format: "date-time" })),
  }),
});
