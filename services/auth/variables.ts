import { checkedText, flag, integer, list, matchesSchema, optional, placeholder } from "postbox/variables";
import { email, newPassword, username } from "../../libs/auth/fields.ts";

/** The environment variables of this service alone. */
export const variables = {
  ROOT_USER_PASSWORD: optional({
    ...checkedText(
      (value) => value === placeholder || matchesSchema(newPassword, value),
      "8 to 40 characters with a letter, a digit and a symbol, and no space",
      { purpose: "Set: a user `root` with this password is made at start." },
    ),
    secret: true,
  }),
  ROOT_USER_EMAIL: checkedText(
    (value) => matchesSchema(email, value),
    "an email address such as `root@postbox.example`",
    {
      purpose: "Address of the root user.",
      default: "root@postbox.example",
    },
  ),
  REFRESH_GRACE_SECONDS: integer({
    purpose:
      "How long a refresh token that was just replaced still gives the token that replaced it, in seconds. 0: not at all, a second use always ends the session.",
    default: "10",
    min: 0,
    max: 300,
  }),
  RESERVED_USERNAMES: list((value) => matchesSchema(username, value), "usernames", {
    purpose:
      "Usernames that nobody may choose besides `root`, whatever their case and separators. Accounts that have one keep it.",
    default:
      "abuse,admin,administrator,help,helpdesk,hostmaster,info,mailer-daemon,moderator,no-reply,noc,postbox,postmaster,security,superuser,support,sysadmin,system,webmaster",
  }),
  REQUIRE_USER_VERIFICATION: flag({
    purpose: "Whether a user must have verified the address before logging in.",
    default: "true",
  }),
} as const;
