import { config } from "postbox";
import { variables } from "./variables.ts";

/** What `npm start` shows beside the gateway's address: a label and the path below it. Here the mails that are caught. */
export function pages(): Readonly<Record<string, string>> {
  const { ENVIRONMENT, SMTP_URL } = config(variables);
  return ENVIRONMENT === "local" && SMTP_URL === undefined ? { Mail: "/emails/caught" } : {};
}
