import { optional, text, url } from "postbox/variables";

/** The environment variables of this service alone. */
export const variables = {
  SMTP_URL: optional({
    ...url(["smtp:", "smtps:"], {
      purpose: "SMTP server, with user and password if it asks for them. Unset in local: mail is caught and shown.",
    }),
    secret: true,
    requiredInProduction: true,
  }),
  MAIL_FROM: text({ purpose: "Sender of every mail.", default: "Postbox <no-reply@postbox.example>" }),
} as const;
