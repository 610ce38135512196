import { action, config, object, PostboxError } from "postbox";
import { Type } from "typebox";
import { checkLogin } from "../../accounts/check-password.ts";
import { findAccount } from "../../accounts/find-account.ts";
import { lockAccount } from "../../accounts/lock-account.ts";
import { updateAccount } from "../../accounts/update-account.ts";
import type { AuthService } from "../../auth-service.ts";
import { knownDevice } from "../../clients/device.ts";
import { deviceCookieLine, deviceCookies, readDevice } from "../../cookies/device-cookie.ts";
import { refreshCookieLines } from "../../cookies/refresh-cookie.ts";
import { hashPassword, isOutdated, refuseWhenOverloaded } from "../../passwords/passwords.ts";
import { accessGrant } from "../../sessions/issue-access-token.ts";
import { openSession } from "../../sessions/open-session.ts";
import { variables } from "../../variables.ts";

const wrongCredentials = () => new PostboxError("wrong-credentials");

/** What OAuth 2 clients send too (RFC 6749, 2.3.1 and 3.3). */
const ignored = Type.Optional(Type.String({ description: "Taken from OAuth 2 clients, and ignored." }));

/** Credentials of any form are looked at, never refused by a rule: what is not a name is the name of nobody. */
export const login = action({
  rest: "POST /login",
  access: "public",
  idempotency: false,
  errors: ["wrong-credentials", "unverified-user", "disabled-user", "too-many-attempts", "overloaded"],
  summary: "Log in with a username or an email address",
  rateLimit: "60/minute",
  body: "form",
  params: object({
    cookies: deviceCookies,
    body: Type.Optional(
      object({
        grant_type: Type.Optional(
          Type.Literal("password", { description: "As OAuth 2 clients say it (RFC 6749, 4.3.2)." }),
        ),
        client_id: ignored,
        client_secret: ignored,
        scope: ignored,
        username: Type.Optional(Type.String({ description: "Username or email address.", examples: ["ada"] })),
        password: Type.Optional(Type.String({ examples: ["Enchantress#1843"] })),
      }),
    ),
  }),
  response: accessGrant,
  async handler(this: AuthService, ctx) {
    const { username = "", password = "" } = ctx.params.body ?? {};
    const { clientAddress: address } = ctx.meta;
    const device = readDevice(ctx.params.cookies);
    // Before the database is asked: what is shed must cost next to nothing.
    refuseWhenOverloaded();
    const found = await findAccount(this.db, username);
    const right = await checkLogin(this.db, { name: username, account: found, password, address, device });
    if (!right || !found) throw wrongCredentials();
    const rehashed = isOutdated(found.password_hash) ? await hashPassword(password) : undefined;
    const { access, refresh } = await this.transaction(async (tx) => {
      const account = await lockAccount(tx, found.id);
      if (account.password_hash !== found.password_hash) throw wrongCredentials();
      if (account.disabled) throw new PostboxError("disabled-user");
      if (config(variables).REQUIRE_USER_VERIFICATION && !account.verified)
        throw new PostboxError("unverified-user", "Follow the link in the mail first, or ask for a new one.");
      if (rehashed) await updateAccount(tx, account.id, { password_hash: rehashed });
      return openSession(tx, account, address);
    });
    const known = knownDevice(device, { ...found, password_hash: rehashed ?? found.password_hash });
    ctx.meta.$responseHeaders = { "Set-Cookie": [...refreshCookieLines(refresh), deviceCookieLine(known)] };
    return access;
  },
});
