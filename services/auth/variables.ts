import { checkedText, flag, matchesSchema, optional, placeholder } from "postbox/variables";
import { email, newPassword } from "../../libs/auth/fields.ts";

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
  REQUIRE_USER_VERIFICATION: flag({
    purpose: "Whether a user must have verified the address before logging in.",
    default: "true",
  }),
} as const;
