import { action, object, trimmed } from "postbox";
import { createUser, sendLink } from "../../../../libs/auth/events.ts";
import { email, newPassword, username } from "../../../../libs/auth/fields.ts";
import { publicUser } from "../../../../libs/auth/user.ts";
import { toPublicUser } from "../../accounts/account-row.ts";
import { insertAccount } from "../../accounts/insert-account.ts";
import { refuseReserved, refuseTaken } from "../../accounts/taken.ts";
import type { AuthService } from "../../auth-service.ts";
import { mintLink } from "../../links/mint-link.ts";
import { hashPassword } from "../../passwords/passwords.ts";
import { refuseBadPassword } from "../../passwords/refuse-bad-password.ts";

export const register = action({
  rest: "POST /register",
  access: "public",
  errors: ["username-taken", "email-taken", "overloaded"],
  summary: "Register a user; a link to prove the address is sent by mail",
  status: 201,
  rateLimit: "10/minute, 50/hour",
  params: object({ body: object({ username: trimmed(username), email: trimmed(email), password: newPassword }) }),
  response: publicUser,
  async prepare(this: AuthService, ctx) {
    const { username, email, password } = ctx.params.body;
    refuseBadPassword(password, { username, email }, "body.password");
    refuseReserved(username);
    await refuseTaken(this.db, username, email);
    return hashPassword(password);
  },
  handler(this: AuthService, ctx, password_hash) {
    const { username, email } = ctx.params.body;
    return this.transaction(async (tx) => {
      const account = await insertAccount(tx, { username, email, password_hash });
      const user = toPublicUser(account);
      tx.enqueue(createUser, { user });
      const link = await mintLink(tx, account.id, "verification");
      if (link) tx.enqueue(sendLink, link);
      return user;
    });
  },
});
