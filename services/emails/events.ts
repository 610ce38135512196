import { handle } from "postbox";
import { changePassword, changeUser, createUser, sendLink } from "../../libs/auth/events.ts";
import { sendMail as mail } from "../../libs/emails/events.ts";
import { sendMail } from "./mails/send-mail.ts";
import { sendRequested } from "./mails/send-requested.ts";
import { findRecipient } from "./recipients/find-recipient.ts";
import { saveRecipient } from "./recipients/save-recipient.ts";

export const handlers = [
  handle(createUser, ({ data }, tx) => saveRecipient(tx, data.user), { mode: "concurrent" }),
  handle(changeUser, ({ data }, tx) => saveRecipient(tx, data.user), { mode: "concurrent" }),
  handle(sendLink, async ({ data: { purpose, ...link } }, tx) => {
    tx.enqueue(mail, { template: purpose, ...link, ...(await findRecipient(tx, link.user_id)) });
  }),
  handle(changePassword, async ({ data: { user_id } }, tx) => {
    tx.enqueue(mail, { template: "password-changed", user_id, ...(await findRecipient(tx, user_id)) });
  }),
  sendMail,
  sendRequested,
];
