import type { Content } from "./layout.ts";

/** Gives the reader the link to the page that sets a new password, and the code in it. */
export function reset(username: string, url: string, code: string): Content {
  return {
    subject: "Reset your password",
    before: [`Hello ${username},`, "follow this link to set a new password. It works once, for one hour."],
    offer: { label: "Set a new password", url, code: { label: "Where you are asked for a code, use this one:", code } },
    after: ["If you did not ask for it, ignore this mail: your password stays as it is."],
  };
}
