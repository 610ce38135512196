import { hash } from "node:crypto";

/**
 * The hash that tells one payload from another under the same event id: 128 bits of SHA-256, base64url. It is taken
 * of the stored text; `JSON.stringify(JSON.parse(text))` gives that text again, as it was made by `JSON.stringify`.
 */
export function payloadHash(text: string): string {
  return hash("sha256", text, "base64url").slice(0, 22);
}
