import { roles } from "postbox/schema";
import { Type } from "typebox";

/** A user's id: UUID v7, made by auth. */
export const userId = Type.String({ format: "uuid", description: "Id of a user." });

export const roleName = Type.Enum([...roles], { description: "Role of a user." });

/** 3 to 22 letters and digits, with single `.`, `_` or `-` between them. Stored lowercase. */
export const username = Type.String({
  minLength: 3,
  maxLength: 22,
  pattern: "^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$",
  description: "3 to 22 letters and digits; `.`, `_` and `-` stand singly between them. Case does not matter.",
  examples: ["ada"],
});

/** Stored lowercase. */
export const email = Type.String({
  format: "email",
  maxLength: 254,
  description: "Email address, 254 characters at most. Case does not matter.",
  examples: ["ada@example.com"],
});

/** A password that somebody chooses. A password that is only checked needs to keep no rule. */
export const newPassword = Type.String({
  minLength: 8,
  maxLength: 256,
  description:
    "By the policy `described`: 8 to 40 characters with a letter, a digit and a symbol, and no space. By `nist`: 15 to 256 characters of any kind. By both: none of those that attackers try first. An answer 422 names the broken rules.",
  examples: ["Enchantress#1843"],
});

/** A username or an address, as it is given at a login or a search. */
export const usernameOrEmail = Type.String({
  minLength: 1,
  maxLength: 254,
  pattern: "^[^\\s\\p{Cc}]+$",
  description: "Username or email address. Case does not matter.",
  examples: ["ada", "ada@example.com"],
});
