import { execFile } from "node:child_process";
import { createReadStream, createWriteStream, existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createBrotliDecompress } from "node:zlib";
import { type Browser, chromium } from "playwright-core";
import { cacheFolder } from "../../libs/postbox/tools/stack/home/paths.ts";

/** A host name that leads to this machine in the tests' browser, as a public name would; no other name leads anywhere. */
export const publicName = "postbox.test";

/**
 * Starts a headless Chromium. On Linux it comes out of the npm package `@sparticuz/chromium`, with the libraries it
 * needs, so nothing has to be installed; elsewhere it is the Chrome of the machine.
 */
export async function startBrowser(): Promise<Browser> {
  const names = `MAP ${publicName} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`;
  // Chromium's sandbox cannot be had by root, nor in most containers; what it opens here is our own.
  const args = ["--no-sandbox", "--no-zygote", `--host-resolver-rules=${names}`];
  if (process.platform !== "linux" || process.arch !== "x64") return chromium.launch({ channel: "chrome", args });
  const folder = await unpacked();
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    env: { ...process.env, LD_LIBRARY_PATH: join(folder, "lib") },
    args,
  });
}

const packageFolder = join(dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium")), "..");

/** The folder that the package is unpacked into, once. */
async function unpacked(): Promise<string> {
  const { version }: { version: string } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  const folder = join(cacheFolder(), `chromium-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  const work = await mkdtemp(join(cacheFolder(), "chromium-unpacking-"));
  const archive = join(work, "al2023.tar");
  await Promise.all([unpack("chromium.br", join(work, "chromium")), unpack("al2023.tar.br", archive)]);
  // From a file: tar closes a pipe at the end of the archive, though there may be padding behind it.
  await promisify(execFile)("tar", ["-x", "-C", work, "-f", archive]);
  await rm(archive);
  // Another test's may be there by now, and in use.
  await rename(work, folder).catch(() => rm(work, { recursive: true }));
  return folder;
}

const unpack = (name: string, file: string) =>
  pipeline(
    createReadStream(join(packageFolder, "bin", name)),
    createBrotliDecompress(),
    createWriteStream(file, { mode: 0o755 }),
  );
