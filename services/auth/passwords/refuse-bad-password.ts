import { config, type FieldError, PostboxError } from "postbox";
import { passwordPolicies } from "../../../libs/auth/password-policies.ts";
import { variables } from "../variables.ts";
import { isKnownPassword } from "./known-passwords.ts";
import { normalized } from "./passwords.ts";

/** Whose password it is to be, as far as an attacker may know. */
export interface Owner {
  readonly username: string;
  readonly email: string;
}

/**
 * Holds a chosen password to the policy in force, and to the list of those that attackers try first.
 *
 * @param field where the request gives the password: `body.password`.
 * @throws PostboxError `validation-failed`, with an entry for each broken rule.
 */
export function refuseBadPassword(password: string, { username, email }: Owner, field: string): void {
  const given = normalized(password);
  const errors: FieldError[] = passwordPolicies[config(variables).PASSWORD_POLICY]
    .filter(({ keeps }) => !keeps(given))
    .map(({ rule, message }) => ({ field, rule, message }));
  const [local = ""] = email.split("@");
  if (errors.length === 0 && isKnownPassword(given, [username, email, local]))
    errors.push({ field, rule: "known-password", message: "is one that attackers try first; choose another" });
  if (errors.length > 0) throw new PostboxError("validation-failed", undefined, { errors });
}
