import { createHmac } from "node:crypto";
import { derivedKey, signingKey, type TokenKey, takenKeys } from "../tokens/token-keys.ts";
import type { Slot } from "./store.ts";

/**
 * What is stored of a request, to know it again: HMAC-SHA256 over its slot and its JSON with sorted keys, under a key
 * derived from the signing key. Requests hold passwords, and against a bare hash whoever reads the table could try
 * millions a second, past the slow hash that they are stored under.
 */
export function fingerprint(slot: Slot, request: unknown): string {
  return fingerprintUnder(signingKey(), slot, request);
}

/** Whether it is the request's, also if it was made before the signing key was changed. */
export function isFingerprint(stored: string, slot: Slot, request: unknown): boolean {
  return takenKeys().some((key) => fingerprintUnder(key, slot, request) === stored);
}

function fingerprintUnder(key: TokenKey, slot: Slot, request: unknown): string {
  return createHmac("sha256", derivedKey(key, "idempotent request"))
    .update(JSON.stringify([slot.scope, slot.key, request], sorted))
    .digest("base64url");
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
