import { execFile } from "node:child_process";
import { access, chmod, constants, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import { cacheFolder } from "../home/paths.ts";

const run = promisify(execFile);
const cached = (): string => join(cacheFolder(), "nats-server");

/** Folders of servers that are not on the PATH of an ordinary user. */
const systemFolders = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin", "/usr/local/bin"];

export interface NatsBinaryOptions {
  /** `NATS_SERVER_BIN`. */
  readonly given: string | undefined;
  /** Hears one line when something is fetched. */
  readonly report: (line: string) => void;
}

/**
 * The path of a nats-server: the one given, else one on the PATH, else the cached one, else Debian's package, unpacked
 * into the cache. That needs no root, and unlike an installation starts no daemon.
 *
 * @throws PostboxError `nats-unavailable`, which says what to install.
 */
export async function natsBinary({ given, report }: NatsBinaryOptions): Promise<string> {
  if (given !== undefined) {
    if (await runs(given)) return given;
    throw new PostboxError(
      "nats-unavailable",
      `NATS_SERVER_BIN is ${JSON.stringify(given)}, which cannot be run. Set it to the path of a nats-server, or leave it unset.`,
    );
  }
  const onPath = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  for (const folder of [...onPath, ...systemFolders]) {
    const candidate = join(folder, "nats-server");
    if (await runs(candidate)) return candidate;
  }
  if (await runs(cached())) return cached();
  report("fetching nats-server (Debian package, once)");
  await fetchPackage();
  return cached();
}

async function runs(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    await run(path, ["--version"]);
    return true;
  } catch {
    return false;
  }
}

async function fetchPackage(): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true });
  const work = await mkdtemp(join(cacheFolder(), "nats-server-"));
  try {
    await chmod(work, 0o755);
    await download(work);
    const archive = (await readdir(work)).find((name) => name.endsWith(".deb"));
    if (!archive) throw new Error("`apt-get download nats-server` wrote no package");
    await run("dpkg", ["-x", join(work, archive), join(work, "unpacked")]);
    const unfinished = join(work, "nats-server");
    await copyFile(join(work, "unpacked/usr/sbin/nats-server"), unfinished);
    await rename(unfinished, cached());
  } catch (cause) {
    throw new PostboxError("nats-unavailable", remedy(), { cause });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Uses the system's package lists; where these are missing or stale, lists of its own. */
async function download(folder: string): Promise<void> {
  const quiet = ["-qq", "-o", "APT::Sandbox::User="];
  try {
    await run("apt-get", [...quiet, "download", "nats-server"], { cwd: folder });
  } catch {
    const state = join(folder, "apt");
    await mkdir(join(state, "lists/partial"), { recursive: true });
    await mkdir(join(state, "cache/archives/partial"), { recursive: true });
    const configuration = join(folder, "apt.conf");
    await writeFile(configuration, `Dir::State::lists "${state}/lists";\nDir::Cache "${state}/cache";\n`);
    const env = { ...process.env, APT_CONFIG: configuration };
    await run("apt-get", [...quiet, "update"], { cwd: folder, env });
    await run("apt-get", [...quiet, "download", "nats-server"], { cwd: folder, env });
  }
}

function remedy(): string {
  const install =
    process.platform === "darwin"
      ? "run `brew install nats-server`"
      : "run `apt-get install nats-server` (Debian, Ubuntu), or take a release from https://github.com/nats-io/nats-server/releases and put it on the PATH";
  return `There is no nats-server here, and it could not be fetched as a Debian package. To go on, ${install}; or set NATS_SERVER_BIN to its path, or NATS_URL to a server that runs.`;
}
