import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";
import { changedPaths, readSources } from "./read-sources.ts";

/** Milliseconds of silence before sources are compared: an editor writes several files, and one file in several steps. */
const settleMs = 100;

/**
 * Watches the sources of a project and tells which paths have another content than before.
 *
 * Each folder has a watcher of its own. The recursive form of `fs.watch` follows single files on Linux, and loses a file
 * that an editor replaces by renaming another one onto it. A watcher only says that something has happened. What has
 * happened is found by comparing, so that no order or loss of its events matters.
 *
 * @param changed hears the sorted paths, from the project's folder.
 * @returns ends the watch.
 */
export async function watchSources(root: string, changed: (paths: readonly string[]) => void): Promise<() => void> {
  const watchers = new Map<string, FSWatcher>();
  let sources = await readSources(root);
  let timer: NodeJS.Timeout | undefined;
  let comparing: Promise<void> = Promise.resolve();
  let closed = false;

  const touched = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      comparing = comparing.then(compare);
    }, settleMs);
  };

  const compare = async () => {
    const before = sources;
    sources = await readSources(root, before);
    // Files may have come into a new folder before its watcher did: they are looked for once more.
    if (follow()) touched();
    const paths = changedPaths(before, sources);
    if (paths.length > 0 && !closed) changed(paths);
  };

  /** Gives each folder a watcher; says whether one was missing. */
  const follow = (): boolean => {
    if (closed) return false;
    const folders = [".", ...sources.folders];
    for (const [path, watcher] of watchers) if (!folders.includes(path)) forget(path, watcher);
    const missing = folders.filter((path) => !watchers.has(path));
    for (const path of missing) {
      const watcher = watch(join(root, path), touched);
      watchers.set(path, watcher);
      watcher.on("error", () => {
        forget(path, watcher);
        touched();
      });
    }
    return missing.length > 0;
  };

  const forget = (path: string, watcher: FSWatcher) => {
    watchers.delete(path);
    watcher.close();
  };

  if (follow()) touched();
  return () => {
    closed = true;
    clearTimeout(timer);
    for (const [path, watcher] of watchers) forget(path, watcher);
  };
}
