import { action, message, object, trimmed } from "postbox";
import { requestLink } from "../../../../libs/auth/events.ts";
import { email } from "../../../../libs/auth/fields.ts";
import type { AuthService } from "../../auth-service.ts";

export const requestVerification = action({
  rest: "GET /verification/email",
  access: "public",
  safe: false,
  summary: "Have the link that proves the address sent again; the answer is the same if there is no such user",
  rateLimit: "5/minute, 25/hour",
  params: object({ query: object({ email: trimmed(email) }) }),
  response: message,
  async handler(this: AuthService, ctx) {
    const { email: username_email } = ctx.params.query;
    await this.transaction(async () => this.enqueue(requestLink, { purpose: "verification", username_email }));
    return { message: "If this address waits to be verified, a mail with a link is on its way." };
  },
});
