import { config } from "../../../libs/config/config.ts";
import type { Database } from "../../../libs/database/database.ts";
import { refuseWhenOverloaded, verifyPassword } from "../../../libs/passwords/passwords.ts";
import { countAttempt } from "../attempts/attempts.ts";
import type { AccountRow } from "./account-row.ts";

/**
 * Whether the password is the account's. `account` is what was typed where no account bears it: then it is not, after
 * the same work and under the same limits.
 *
 * @throws PostboxError `too-many-attempts`, `overloaded`.
 */
export async function checkPassword(
  db: Database,
  account: AccountRow | string,
  password: string,
  address: string | undefined,
): Promise<boolean> {
  const [name, hash] = typeof account === "string" ? [account] : [account.id, account.password_hash];
  refuseWhenOverloaded();
  if (!config().RATE_LIMIT_ENABLED) return verifyPassword(password, hash);
  const attempt = await countAttempt(db, name, address);
  const right = await verifyPassword(password, hash);
  if (right) await attempt.takeBack();
  return right;
}
