import { action, message, object, trimmed } from "postbox";
import { requestLink } from "../../../../libs/auth/events.ts";
import { usernameOrEmail } from "../../../../libs/auth/fields.ts";
import type { AuthService } from "../../auth-service.ts";

export const forgotPassword = action({
  rest: "POST /password/forgot",
  access: "public",
  summary: "Have a code to reset the password sent by mail; the answer is the same if there is no such user",
  rateLimit: "5/minute, 25/hour",
  params: object({ query: object({ username_email: trimmed(usernameOrEmail) }) }),
  response: message,
  async handler(this: AuthService, ctx) {
    const { username_email } = ctx.params.query;
    await this.transaction(async (tx) => tx.enqueue(requestLink, { purpose: "reset", username_email }));
    return { message: "If there is such a user, a mail with a code is on its way." };
  },
});
