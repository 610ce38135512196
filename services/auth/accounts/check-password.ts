import { config, type Database } from "postbox";
import { type Attempt, countAttempt } from "../attempts/count-attempt.ts";
import { callerScope, deviceScope, strangerScopes } from "../attempts/scopes.ts";
import { type Device, isKnownDevice } from "../clients/device.ts";
import { isKnownAddress } from "../clients/known-addresses.ts";
import { refuseWhenOverloaded, verifyPassword } from "../passwords/passwords.ts";
import type { AccountRow } from "./account-row.ts";

/** Somebody who wants to log in. */
export interface Login {
  /** What was typed. */
  readonly name: string;
  /** The account with that name, if there is one. */
  readonly account: AccountRow | undefined;
  readonly password: string;
  readonly address: string | undefined;
  readonly device: Device | undefined;
}

/**
 * Whether the password of a login is that of the account with its name. Without such an account: false, after the same work
 * and under the same limits.
 *
 * @throws PostboxError `too-many-attempts`, `overloaded`.
 */
export function checkLogin(db: Database, login: Login): Promise<boolean> {
  return check(login.account, login.password, () => countLogin(db, login));
}

/**
 * Whether the password is that of an account whose user is logged in.
 *
 * @throws PostboxError `too-many-attempts`, `overloaded`.
 */
export function checkPresentPassword(db: Database, account: AccountRow, password: string): Promise<boolean> {
  return check(account, password, () => countAttempt(db, [callerScope(account)]));
}

/**
 * Counts a login as a known device's or a stranger's. Wrong passwords of strangers from elsewhere do not stop a login from
 * an address that the account knows. Its wrong password is answered as any stranger's: the answer must not tell that the
 * account exists.
 */
function countLogin(db: Database, { name, account, address, device }: Login): Promise<Attempt> {
  if (account && device && isKnownDevice(device, account)) return countAttempt(db, [deviceScope(account, device)]);
  const scopes = strangerScopes(name, address);
  return countAttempt(db, Object.values(scopes), async (tx, over) => {
    const byOthers = over.every((scope) => scope === scopes.name.scope);
    return byOthers && account !== undefined && isKnownAddress(tx, account.id, address);
  });
}

async function check(
  account: AccountRow | undefined,
  password: string,
  count: () => Promise<Attempt>,
): Promise<boolean> {
  refuseWhenOverloaded();
  if (!config().RATE_LIMIT_ENABLED) return verifyPassword(password, account?.password_hash);
  const attempt = await count();
  let wrong = false;
  try {
    wrong = !(await verifyPassword(password, account?.password_hash));
  } finally {
    if (!wrong) await attempt.takeBack();
  }
  if (wrong && attempt.refusal) throw attempt.refusal;
  return !wrong;
}
