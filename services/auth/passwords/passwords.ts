import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { parseOptions } from "@node-rs/argon2";
import { Bounded } from "./bounded.ts";
import { onHashingThread } from "./hashing-threads.ts";

/** argon2id with 19 MiB, 2 passes, 1 lane (OWASP Password Storage Cheat Sheet, 2023): 9 to 22 ms of one core. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Hashing takes half the cores at most, and pauses as long as it works while logins wait. A flood of logins then slows
 * logins only. Priority alone would not do: it does not count against processes of other scheduling groups.
 *
 * 64 waiting logins take about a second on two cores. On a busy machine the time limit ends the wait, well before a call
 * times out.
 */
const bounded = new Bounded({
  atOnce: Math.max(1, Math.floor(availableParallelism() / 2)),
  waiting: 64,
  patienceMs: 5_000,
  rest: 1,
});

/** The hash of no password. It is checked where there is no such user, so that the answer takes as long. */
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

/** Checks that a password could be hashed now, before any other work is done. @throws PostboxError `overloaded`. */
export function refuseWhenOverloaded(): void {
  bounded.refuseIfFull();
}

/**
 * The form of a password that is hashed. One letter can be typed as different code points, depending on keyboard and system
 * (NIST SP 800-63B, 5.1.1.2).
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
