import { keyedHash, keyedHashes } from "../tokens/keyed-hash.ts";
import type { RequestKey } from "./store.ts";

const purpose = "idempotent request";

/**
 * The fingerprint by which a repeated request is recognised: HMAC-SHA256 over its key and its JSON with sorted keys, under
 * a key derived from the signing key.
 *
 * A bare hash would not do. Requests hold passwords, and whoever reads the table could try millions a second against it.
 */
export function fingerprint(key: RequestKey, request: unknown): string {
  return keyedHash(purpose, canonical(key, request));
}

/** Whether a stored fingerprint is that of the request, also if it was made before the signing key was changed. */
export function isFingerprint(stored: string, key: RequestKey, request: unknown): boolean {
  return keyedHashes(purpose, canonical(key, request)).includes(stored);
}

const canonical = ({ scope, key }: RequestKey, request: unknown) => JSON.stringify([scope, key, request], sorted);

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
