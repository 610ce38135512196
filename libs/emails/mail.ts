import { defineOpenEvent, object } from "postbox/schema";
import { Type } from "typebox";
import { email, userId } from "../auth/fields.ts";

/** A text without control characters, so that it can break neither out of its line nor out of a header. */
const line = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: "^[^\\u0000-\\u001f\\u007f]+$", description });

/** What a mail says, and to whom. */
export const mailContent = object({
  to: Type.Union([email, object({ user_id: userId })], {
    description: "An address, or a user, whose address emails knows.",
  }),
  subject: line(200, "One line."),
  paragraphs: Type.Array(
    Type.String({
      minLength: 1,
      maxLength: 5_000,
      pattern: "^[^\\u0000-\\u0009\\u000b-\\u001f\\u007f]+$",
      description: "Plain text, which is escaped. A line feed stays a line's end.",
    }),
    { minItems: 1, maxItems: 50 },
  ),
  button: Type.Optional(
    object(
      {
        label: line(80, "What the button says."),
        url: Type.String({
          maxLength: 2_000,
          pattern: "^https?://[^\\s\\u0000-\\u001f\\u007f<>\"'`\\\\]+$",
          description: "Where the button leads: http or https.",
        }),
      },
      { description: "Stands below the paragraphs." },
    ),
  ),
  expires_at: Type.Optional(
    Type.String({
      format: "date-time",
      description: "After this time the mail is not sent any more. Default: none; 500 attempts take some 60 hours.",
    }),
  ),
});

/**
 * Has a mail sent. Any service makes the event its own, in its `libs/<service>/events.ts`:
 *
 * ```ts
 * export const requestMail = mail.from("orders");
 * ```
 *
 * A mail that cannot be sent is a dead letter of the service that asked for it. With a key, mails go out in the order of
 * their commits.
 */
export const mail = defineOpenEvent({ name: "request.mail", version: 1, targets: ["emails"], schema: mailContent });
