import { PostboxError } from "../../core/errors/postbox-error.ts";

/** Adds an import after the others; the formatter sorts it in. */
export function addImport(text: string, line: string): string {
  const imports = [...text.matchAll(/^import [^;]+;\n/gm)];
  const last = imports.at(-1);
  const end = last ? last.index + last[0].length : 0;
  return `${text.slice(0, end)}${line}\n${text.slice(end)}`;
}

/**
 * Adds an item at the end of the list or object that `opener` begins: `jobs: readonly Job[] = [`.
 *
 * @throws PostboxError `scaffold-failed` if the text does not have the opener.
 */
export function appendItem(text: string, opener: RegExp, item: string, path: string): string {
  const match = opener.exec(text);
  if (!match) throw missing(path, opener);
  const start = match.index + match[0].length;
  const end = closing(text, start);
  const inside = text.slice(start, end).trimEnd().replace(/[,;]$/, "");
  return `${text.slice(0, start)}${inside}${inside.trim() === "" ? "" : ","} ${item} ${text.slice(end)}`;
}

/** Where the bracket that was opened before `start` is closed. */
function closing(text: string, start: number): number {
  let depth = 1;
  for (let at = start; at < text.length; at += 1) {
    if ("[{(".includes(text.charAt(at))) depth += 1;
    if ("]})".includes(text.charAt(at))) depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}

function missing(path: string, what: RegExp): PostboxError {
  return new PostboxError(
    "scaffold-failed",
    `${path} is not in the shape that this command knows (${what.source} is not in it), so nothing was made. Make the change by hand.`,
  );
}
