import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { declaredNames } from "./declared-names.ts";

/** The plan of what to write, complete before anything is written. Paths start at the project's root. */
export interface Changes {
  readonly create: readonly NewFile[];
  readonly edit: readonly Edit[];
  /** Commands that bring made files up to date, e.g. `["scripts/generate.ts"]` under Node. */
  readonly run: readonly (readonly string[])[];
  /** Files that the commands of `run` write. */
  readonly made: readonly string[];
  /** What whoever called the command does next: a file to edit, a command to run. */
  readonly next: readonly string[];
}

export interface NewFile {
  readonly path: string;
  readonly text: string;
  readonly executable?: boolean;
}

export interface Edit {
  readonly path: string;
  readonly text: string;
}

/** The paths that were written. */
export interface Applied {
  readonly made: readonly string[];
  readonly changed: readonly string[];
  readonly next: readonly string[];
}

/**
 * Writes the whole plan, formatted, or nothing: after a fault every file is as it was.
 *
 * @throws PostboxError `scaffold-failed` if a new file exists already, a file would declare a name twice, or a step fails.
 */
export async function applyChanges(root: string, { create, edit, run, made, next }: Changes): Promise<Applied> {
  for (const { path } of create)
    if ((await contentOf(join(root, path))) !== undefined)
      throw new PostboxError("scaffold-failed", `${path} is there already. Take another name, or remove it first.`);
  for (const { path, text } of [...create, ...edit]) refuseTwice(path, declaredNames(text));
  const touched = [...create, ...edit].map(({ path }) => path).concat(made);
  const before = await Promise.all(touched.map(async (path) => ({ path, text: await contentOf(join(root, path)) })));
  const folders: string[] = [];
  // Ctrl-C waits for the steps, which are short: an interrupted step would leave half of the files.
  const hold = () => undefined;
  process.on("SIGINT", hold).on("SIGTERM", hold);
  try {
    for (const file of [...create, ...edit]) folders.push(...(await write(root, file)));
    const sources = [...create, ...edit].map(({ path }) => path).filter((path) => path.endsWith(".ts"));
    await command(root, ["node_modules/.bin/biome", "check", "--write", ...sources]);
    for (const words of run) await command(root, [process.execPath, ...words]);
    const paths = (isNew: boolean) =>
      before.filter(({ text }) => (text === undefined) === isNew).map(({ path }) => path);
    return { made: paths(true), changed: paths(false), next };
  } catch (error) {
    for (const { path, text } of before)
      await (text === undefined ? rm(join(root, path), { force: true }) : writeFile(join(root, path), text));
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
    throw error;
  } finally {
    process.off("SIGINT", hold).off("SIGTERM", hold);
  }
}

function refuseTwice(path: string, names: readonly string[]): void {
  const name = names.find((one, index) => names.indexOf(one) !== index);
  if (name === undefined) return;
  throw new PostboxError("scaffold-failed", `${path} uses the name '${name}' for something else. Take another one.`);
}

/** Gives the folder that had to be made for it, if any. */
async function write(root: string, { path, text, executable }: NewFile): Promise<string[]> {
  const file = join(root, path);
  const folder = await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  if (executable) await chmod(file, 0o755);
  return folder === undefined ? [] : [folder];
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function command(root: string, [program = "", ...words]: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(program, words, { cwd: root });
  } catch (cause) {
    const said = cause instanceof Error && "stderr" in cause && cause.stderr !== "" ? cause.stderr : cause;
    throw new PostboxError("scaffold-failed", `'${words[0]}' failed, so nothing was made: ${said}`, { cause });
  }
}
