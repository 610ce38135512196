import { checkedText, flag, integer, list, matchesSchema, oneOf, optional, placeholder } from "postbox/variables";
import { email, username } from "../../libs/auth/fields.ts";
import { passwordPolicies, policyNames } from "../../libs/auth/password-policies.ts";

const keepsPolicy = (password: string, policy: string | undefined): boolean =>
  passwordPolicies[policyNames.find((name) => name === policy) ?? "described"].every(({ keeps }) =>
    keeps(password.normalize("NFKC")),
  );

/** The environment variables of this service alone. */
export const variables = {
  ROOT_USER_PASSWORD: optional({
    ...checkedText(
      (value, { PASSWORD_POLICY }) => value === placeholder || keepsPolicy(value, PASSWORD_POLICY),
      "8 to 40 characters with a letter, a digit and a symbol, and no space; with the policy `nist` 15 to 256 characters",
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
  PASSWORD_POLICY: oneOf(policyNames, {
    purpose:
      "What a chosen password must be like. `described`: 8 to 40 characters with a letter, a digit and a symbol, and no space. `nist`: 15 to 256 characters of any kind, as NIST SP 800-63B asks of a password that is the only factor. Passwords that attackers try first are refused by both.",
    default: "described",
  }),
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
