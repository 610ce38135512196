import { config, errorCode, PostboxError } from "postbox";
import { createUser } from "../../libs/auth/events.ts";
import { toPublicUser } from "./accounts/account-row.ts";
import { findAccount } from "./accounts/find-account.ts";
import { insertAccount } from "./accounts/insert-account.ts";
import { rootName as username } from "./accounts/reserved.ts";
import { refuseTaken } from "./accounts/taken.ts";
import type { AuthService } from "./auth-service.ts";
import { isKnownPassword } from "./passwords/known-passwords.ts";
import { hashPassword, normalized } from "./passwords/passwords.ts";
import { variables } from "./variables.ts";

/**
 * Makes the user `root` if `ROOT_USER_PASSWORD` is set and there is no such user. An existing one stays as it is: its
 * password is changed like that of any user. Of several instances that start at once, one makes the user.
 */
export async function ensureRootUser(service: AuthService): Promise<void> {
  const { ROOT_USER_PASSWORD: password, ROOT_USER_EMAIL: email } = config(variables);
  if (password === undefined) return;
  try {
    await refuseTaken(service.db, username, email);
    if (isKnownPassword(normalized(password), [username, email]))
      throw new PostboxError(
        "configuration-invalid",
        "ROOT_USER_PASSWORD is (masked), a password that attackers try first; choose another.",
      );
    const password_hash = await hashPassword(password);
    await service.transaction(async (tx) => {
      const account = await insertAccount(tx, { username, email, password_hash, role: "root", verified: true });
      tx.enqueue(createUser, { user: toPublicUser(account) });
    });
    service.logger.info("The user 'root' was made.");
  } catch (error) {
    if (errorCode(error) === "username-taken") return warnOfStranger(service);
    if (errorCode(error) !== "email-taken") throw error;
    service.logger.warn(`No user 'root' was made: another user has the address ${email}. Set ROOT_USER_EMAIL.`);
  }
}

/** Whoever has the name by now may have got it before it was reserved, or have lost the role since. */
async function warnOfStranger(service: AuthService): Promise<void> {
  const holder = await findAccount(service.db, username);
  if (!holder || holder.role === "root") return;
  service.logger.warn(
    `No user 'root' was made: that is the name of user ${holder.id}, who has the role ${holder.role}. Give that user another name in the database of auth, and start again.`,
  );
}
