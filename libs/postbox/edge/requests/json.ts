import secureJson from "secure-json-parse";
import { PostboxError } from "../../core/errors/postbox-error.ts";

/**
 * Reads a JSON body.
 *
 * @throws PostboxError `malformed-request` for what is no JSON, a key that reaches a prototype (`__proto__`,
 * `constructor.prototype`), and for a NUL, which Postgres cannot hold.
 */
export function readJson(text: string): unknown {
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

function holdsNul(value: unknown): boolean {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === "string" && one.includes("\0")) return true;
    if (typeof one === "object" && one !== null) left.push(...Object.keys(one), ...Object.values(one));
  }
  return false;
}
