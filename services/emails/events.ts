import { changeUser, createUser } from "../../libs/auth/events.ts";
import { handle } from "../../libs/inbox/handler.ts";
import { saveRecipient } from "./recipients/save-recipient.ts";

export const handlers = [
  handle(createUser, ({ data }, tx) => saveRecipient(tx, data.user), { mode: "concurrent" }),
  handle(changeUser, ({ data }, tx) => saveRecipient(tx, data.user), { mode: "concurrent" }),
];
