import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** What the services of a project run from, as it stood at one moment. */
export interface Sources {
  /** Each file by its path from the project's folder. */
  readonly files: ReadonlyMap<string, SourceFile>;
  /** Each folder that holds sources, by the same kind of path. */
  readonly folders: ReadonlySet<string>;
}

interface SourceFile {
  /** Changes with each write. */
  readonly stamp: string;
  /** Changes with the content. */
  readonly digest: string;
}

const folders = ["services", "libs", "mixins", "migrations"];
const files = [".env", "moleculer.config.ts"];

/** What no service runs: tests, scripts for a shell, texts for a reader, and what editors write for a moment. */
const ignored = /^\.|^__snapshots__$|\.test\.ts$|\.(sh|md|swp|tmp)$|~$/;

/** Reads the sources of a project. A file whose stamp is the one of `before` is not read again. */
export async function readSources(root: string, before?: Sources): Promise<Sources> {
  const found: Found = { files: new Map(), folders: new Set() };
  await Promise.all(folders.map((path) => readFolder(root, path, before, found)));
  await Promise.all(files.map((path) => readSource(root, path, before, found)));
  return found;
}

/** The paths that were added, removed or got another content, sorted. */
export function changedPaths(before: Sources, after: Sources): string[] {
  const paths = new Set([...before.files.keys(), ...after.files.keys()]);
  return [...paths].filter((path) => before.files.get(path)?.digest !== after.files.get(path)?.digest).sort();
}

interface Found {
  readonly files: Map<string, SourceFile>;
  readonly folders: Set<string>;
}

async function readFolder(root: string, path: string, before: Sources | undefined, found: Found): Promise<void> {
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch(() => undefined);
  if (!entries) return;
  found.folders.add(path);
  const kept = entries.filter(({ name }) => !ignored.test(name));
  await Promise.all(
    kept.map((entry) => {
      const inner = `${path}/${entry.name}`;
      return entry.isDirectory() ? readFolder(root, inner, before, found) : readSource(root, inner, before, found);
    }),
  );
}

async function readSource(root: string, path: string, before: Sources | undefined, found: Found): Promise<void> {
  try {
    const { mtimeMs, ctimeMs, size } = await stat(join(root, path));
    const stamp = `${mtimeMs} ${ctimeMs} ${size}`;
    const known = before?.files.get(path);
    if (known?.stamp === stamp) found.files.set(path, known);
    else found.files.set(path, { stamp, digest: digestOf(await readFile(join(root, path))) });
  } catch {
    // The file has gone since the folder was read, as editors do while they save: that is no source.
  }
}

const digestOf = (content: Buffer): string => createHash("sha256").update(content).digest("base64");
