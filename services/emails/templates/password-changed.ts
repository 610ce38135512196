import type { Content } from "./layout.ts";

/** Tells the reader that the password was changed. */
export function passwordChanged(username: string): Content {
  return {
    subject: "Your password was changed",
    before: [`Hello ${username},`, "your password was changed, and all your sessions were ended."],
    after: ["If that was not you, reset your password at once."],
  };
}
