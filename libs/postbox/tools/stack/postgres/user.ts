import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { PostboxError } from "../../../core/errors/postbox-error.ts";

const run = promisify(execFile);

/** Whom the Postgres server runs as. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user for Postgres, which refuses to run as root: for root the system user `postgres`, made if missing; for
 * anybody else undefined, which stands for oneself.
 *
 * @throws PostboxError `postgres-unavailable` when the user cannot be made.
 */
export async function postgresUser(): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return (await lookUp()) ?? (await make());
}

async function lookUp(): Promise<SystemUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", "postgres"]), run("id", ["-g", "postgres"])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function make(): Promise<SystemUser> {
  let cause: unknown;
  try {
    await run("useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", "postgres"]);
  } catch (error) {
    cause = error;
  }
  const user = await lookUp();
  if (user) return user;
  throw new PostboxError(
    "postgres-unavailable",
    "Postgres does not run as root, and the user `postgres` cannot be made by `useradd`. Make that user, or start as an ordinary user.",
    { cause },
  );
}

/** Whether that user can enter a folder and read in it: true access, whatever modes, lists or mounts decide it. */
export async function canEnter(user: SystemUser | undefined, path: string): Promise<boolean> {
  if (!user) return true;
  try {
    await run("/bin/sh", ["-c", 'test -r "$0" && test -x "$0"', path], { ...user, cwd: "/" });
    return true;
  } catch {
    return false;
  }
}
