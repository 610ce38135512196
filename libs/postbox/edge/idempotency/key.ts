import { PostboxError } from "../../core/errors/postbox-error.ts";

/**
 * Checks an `Idempotency-Key`: 1 to 255 visible characters of ASCII.
 *
 * @throws PostboxError `malformed-request`.
 */
export function checkedKey(key: unknown): string {
  if (typeof key === "string" && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new PostboxError("malformed-request", "The Idempotency-Key must be 1 to 255 visible ASCII characters.");
}
