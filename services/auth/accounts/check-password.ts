import { config, type Database } from "postbox";
import { countAttempt } from "../attempts/attempts.ts";
import { refuseWhenOverloaded, verifyPassword } from "../passwords/passwords.ts";
import type { AccountRow } from "./account-row.ts";

/**
 * Whether the password is that of the account with this name. Without such an account: false, after the same work and under
 * the same limits.
 *
 * @throws PostboxError `too-many-attempts`, `overloaded`.
 */
export async function checkPassword(
  db: Database,
  name: string,
  account: AccountRow | undefined,
  password: string,
  address: string | undefined,
): Promise<boolean> {
  refuseWhenOverloaded();
  if (!config().RATE_LIMIT_ENABLED) return verifyPassword(password, account?.password_hash);
  const attempt = await countAttempt(db, name, address);
  let wrong = false;
  try {
    wrong = !(await verifyPassword(password, account?.password_hash));
  } finally {
    if (!wrong) await attempt.takeBack();
  }
  return !wrong;
}
