import { availableParallelism } from "node:os";
import { parseOptions } from "@node-rs/argon2";
import { Bounded } from "./bounded.ts";
import { onHashingThread } from "./hashing-threads.ts";

/** argon2id with 19 MiB, 2 passes, 1 lane (OWASP Password Storage Cheat Sheet, 2023): 9 to 22 ms of one core. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Half the cores are left to the event loop and to Postgres, so that a flood of logins slows logins only. 64 that wait are about a second on one core; on a machine that is busy with other things
 * the time counts, well below that of a call.
 */
const bounded = new Bounded({
  atOnce: Math.max(1, Math.floor(availableParallelism() / 2)),
  waiting: 64,
  patienceMs: 5_000,
});

/** What a password is checked against when there is no such user, so that the answer takes as long. */
let decoy: Promise<string> | undefined;

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
  decoy ??= hash("");
  const against = stored ?? (await decoy);
  const matches = await bounded.run(() => verify(password, against));
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

const hash = async (password: string): Promise<string> => String(await onHashingThread({ password, parameters }));

const verify = async (password: string, stored: string): Promise<boolean> =>
  (await onHashingThread({ password, stored })) === true;
