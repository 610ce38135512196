import secureJson from "secure-json-parse";
import { PostboxError } from "../../core/errors/postbox-error.ts";

/** Objects and lists inside one another at most. Deeper ones do not survive the way between two processes. */
const maxDepth = 64;

/**
 * Reads a JSON body.
 *
 * @throws PostboxError `malformed-request` for what is no JSON, a key that reaches a prototype (`__proto__`,
 * `constructor.prototype`), for more than 64 levels, and for a NUL, which Postgres cannot hold.
 */
export function readJson(text: string): unknown {
  if (text.length > 2 * maxDepth && depthOf(text) > maxDepth)
    throw new PostboxError("malformed-request", `The body has over ${maxDepth} levels; send less.`);
  let value: unknown;
  try {
    value = secureJson.parse(text, null, { protoAction: "error", constructorAction: "error" });
  } catch {
    throw new PostboxError("malformed-request", "The body is not JSON, or has a key that is not allowed.");
  }
  if (text.includes("\\u0000") && holdsNul(value))
    throw new PostboxError("malformed-request", "The body holds a NUL character.");
  return value;
}

/** How deep objects and lists stand in one another. Brackets in strings do not count. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isString) {
      if (character === "\\") at += 1;
      else if (character === '"') isString = false;
    } else if (character === '"') isString = true;
    else if (character === "{" || character === "[") {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (character === "}" || character === "]") depth -= 1;
  }
  return deepest;
}

function holdsNul(value: unknown): boolean {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === "string" && one.includes("\0")) return true;
    if (typeof one === "object" && one !== null) left.push(...Object.keys(one), ...Object.values(one));
  }
  return false;
}
