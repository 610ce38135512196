import { hash } from "node:crypto";

/**
 * The hash by which a subscriber tells two payloads of one event id apart: 128 bits of SHA-256 in base64url.
 *
 * @param text the payload as `JSON.stringify` has written it. `JSON.stringify(JSON.parse(text))` gives the same text.
 */
export function payloadHash(text: string): string {
  return hash("sha256", text, "base64url").slice(0, 22);
}
