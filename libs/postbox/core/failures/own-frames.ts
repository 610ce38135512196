import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { projectRoot } from "../project/project-root.ts";

/** Frames that are kept at most, from the innermost on. */
const maxFrames = 5;

/** Causes that are followed at most. */
const maxDepth = 5;

/** The folder of the runtime, `libs/postbox/`. */
const runtime = fileURLToPath(new URL("../../", import.meta.url));

/**
 * The innermost stack frames of an error that are the project's own: neither of a package, of the runtime nor of Node.
 * Each is `<function> (<path>:<line>:<column>)`, its path from the project's folder.
 *
 * An error without such a frame is told by the nearest of its causes that has one: an error of the runtime or of a
 * library often wraps an error of a handler.
 */
export function ownFrames(error: Error): string[] {
  let cause: unknown = error;
  for (let depth = 0; cause instanceof Error && depth < maxDepth; depth++) {
    const frames = framesIn(cause);
    if (frames.length > 0) return frames;
    cause = cause.cause ?? Reflect.get(cause, "parent");
  }
  return [];
}

function framesIn({ stack = "", message }: Error): string[] {
  // The message stands before the frames, and could hold a line that looks like one.
  const begin = stack.indexOf(message) + message.length;
  const frames: string[] = [];
  for (const [, before = "", path = "", position = ""] of stack.slice(begin).matchAll(frame)) {
    const own = ownPath(path);
    if (own !== undefined) frames.push(before === "" ? `${own}${position}` : `${before} (${own}${position})`);
    if (frames.length === maxFrames) break;
  }
  return frames;
}

/** `    at [function (]<path or URL>:<line>:<column>[)]`. */
const frame = /^ +at (?:(.+?) \()?(?:async )?((?:file:\/\/)?\/[^():]+)(:\d+:\d+)\)?$/gm;

/** The path of a file of the project, from the project's folder; undefined for any other file. */
function ownPath(location: string): string | undefined {
  const file = location.startsWith("file:") ? fileURLToPath(location) : location;
  if (file.startsWith(runtime) || file.includes("/node_modules/")) return undefined;
  const path = relative(projectRoot(), file);
  return path.startsWith("..") ? undefined : path;
}
