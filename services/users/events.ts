import { handle } from "postbox";
import { changeUser, createUser } from "../../libs/auth/events.ts";
import { saveProfile } from "./profiles/save-profile.ts";

export const handlers = [
  handle(createUser, ({ data }, tx) => saveProfile(tx, data.user), { mode: "concurrent" }),
  handle(changeUser, ({ data }, tx) => saveProfile(tx, data.user), { mode: "concurrent" }),
];
