import { PostboxError } from "../../core/errors/postbox-error.ts";

/** Names that reach the prototype of the object they are set on. */
const inherited = new Set(["__proto__", "constructor", "prototype"]);

/** Parameters of one query or form at most. */
const maxPairs = 200;

/**
 * Reads `a=1&b=2` as a query or an HTML form writes it. A name given more than once becomes a list.
 *
 * @throws PostboxError `malformed-request` for broken escapes, a NUL, an inherited name, or too many pairs.
 */
export function readPairs(text: string): Record<string, string | string[]> {
  const pairs: Record<string, string | string[]> = {};
  if (text === "") return pairs;
  const given = text.split("&");
  if (given.length > maxPairs)
    throw new PostboxError("malformed-request", `There are ${given.length} parameters; send ${maxPairs} at most.`);
  for (const pair of given) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = decode(at < 0 ? pair : pair.slice(0, at), { plus: true });
    const value = at < 0 ? "" : decode(pair.slice(at + 1), { plus: true });
    if (inherited.has(name)) throw new PostboxError("malformed-request", "A parameter has a name that is not allowed.");
    const before = pairs[name];
    pairs[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return pairs;
}

/**
 * Undoes percent-encoding.
 *
 * @throws PostboxError `malformed-request` for a broken escape, and for a NUL, which Postgres cannot hold.
 */
export function decode(text: string, { plus = false } = {}): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(plus ? text.replaceAll("+", " ") : text);
  } catch {
    throw new PostboxError("malformed-request", "The address has a broken escape; encode it as UTF-8, `%` as `%25`.");
  }
  if (decoded.includes("\0")) throw new PostboxError("malformed-request", "The request holds a NUL character.");
  return decoded;
}
