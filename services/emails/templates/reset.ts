import type { Content } from "./layout.ts";

/** Gives the reader the code with which the password can be reset. */
export function reset(username: string, code: string): Content {
  return {
    subject: "Reset your password",
    before: [`Hello ${username},`, "with this code you can set a new password. It works once, for one hour."],
    offer: { kind: "code", code },
    after: ["If you did not ask for it, ignore this mail: your password stays as it is."],
  };
}
