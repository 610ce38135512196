import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { parseOptions } from "@node-rs/argon2";
import { Bounded } from "./bounded.ts";
import { onHashingThread } from "./hashing-threads.ts";

/** argon2id with 19 MiB, 2 passes, 1 lane (OWASP Password Storage Cheat Sheet, 2023): 9 to 22 ms of one core. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Half the cores are left to the event loop and to Postgres, and in a flood half of the rest, so that it slows logins
 * only: the priority of the hashing threads does not count against processes of other scheduling groups. 64 that wait
 * are about a second on two cores; on a machine that is busy with other things the time counts, well below that of a
 * call.
 */
const bounded = new Bounded({
  atOnce: Math.max(1, Math.floor(availableParallelism() / 2)),
  waiting: 64,
  patienceMs: 5_000,
  rest: 1,
});

/** What a password is checked against when there is no such user, so that the answer takes as long: of no password. */
const decoy = `$argon2id$v=19$m=${parameters.memoryCost},t=${parameters.timeCost},p=${parameters.parallelism}$${unpadded(16)}$${unpadded(32)}`;

/** Hashes a password. @throws PostboxError `overloaded` when too many wait. */
export function hashPassword(password: string): Promise<string> {
  return bounded.run(() => hash(password));
}

/**
 * Whether the password is the one of the hash. Without a hash: false, after the same work.
 *
 * @throws PostboxError `overloaded` when too many wait.
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const matches = await bounded.run(() => verify(password, stored ?? decoy));
  return matches && stored !== undefined;
}

/** Whether the hash was made with other parameters than those in use. */
export function isOutdated(stored: string): boolean {
  const made = parseOptions(stored);
  return Object.entries(parameters).some(([name, value]) => Reflect.get(made, name) !== value);
}

/** @throws PostboxError `overloaded` when a password could not be taken on now: said before any other work is done. */
export function refuseWhenOverloaded(): void {
  bounded.refuseIfFull();
}

/**
 * The form in which a password is hashed: one letter can be typed as several code points, and two keyboards or systems
 * do not agree which (NIST SP 800-63B, 5.1.1.2).
 */
export function normalized(password: string): string {
  return password.normalize("NFKC");
}

const hash = async (password: string): Promise<string> =>
  String(await onHashingThread({ password: normalized(password), parameters }));

const verify = async (password: string, stored: string): Promise<boolean> =>
  (await onHashingThread({ password: normalized(password), stored })) === true;

/** Random bytes as argon2's encoded hashes hold them. */
function unpadded(bytes: number): string {
  return randomBytes(bytes).toString("base64").replaceAll("=", "");
}
