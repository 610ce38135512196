import { PostboxError, type Queryable } from "postbox";
import { fold } from "./fold.ts";
import { isReserved } from "./reserved.ts";

const usernameTaken = () => new PostboxError("username-taken", "This username is taken; choose another.");
const emailTaken = () =>
  new PostboxError("email-taken", "This email address is registered; log in, or reset the password.");

/** @throws PostboxError `username-taken` for a name that nobody may choose. */
export function refuseReserved(username: string): void {
  if (isReserved(username)) throw usernameTaken();
}

/** Postgres' code for a unique violation (appendix A of its manual). */
const uniqueViolation = "23505";

/** Awaits a write, and turns a violated unique constraint into its error of the catalogue. */
export async function orTaken<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, "code") === uniqueViolation) {
      const constraint = Reflect.get(error, "constraint");
      if (constraint === "account_username_key") throw usernameTaken();
      if (constraint === "account_email_key") throw emailTaken();
    }
    throw error;
  }
}

/**
 * Checks name and address early, so that no password is hashed for nothing. The unique constraints decide.
 *
 * @throws PostboxError `username-taken`, `email-taken`.
 */
export async function refuseTaken(db: Queryable, username: string, email: string): Promise<void> {
  const { rows } = await db.query<{ username: string }>({
    name: "find-taken",
    text: "select username from account where username = $1 or email = $2",
    values: [fold(username), fold(email)],
  });
  if (rows.length === 0) return;
  throw rows.some((row) => row.username === fold(username)) ? usernameTaken() : emailTaken();
}
