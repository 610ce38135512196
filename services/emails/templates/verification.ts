import type { Content } from "./layout.ts";

/** Asks the reader to prove the address. */
export function verification(username: string, url: string): Content {
  return {
    subject: "Verify your email address",
    before: [`Hello ${username},`, "follow this link to verify your address. It works for 24 hours."],
    offer: { label: "Verify my address", url },
    after: ["If you did not register, ignore this mail."],
  };
}
