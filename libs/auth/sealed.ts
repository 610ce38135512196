import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { config } from "../config/config.ts";

const cipher = "aes-256-gcm";
const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts a token for its way through outbox, broker and inbox: whoever reads a table or a stream cannot use it.
 * `context` is bound to it; it opens with no other.
 */
export function seal(token: string, context: string): string {
  const iv = randomBytes(ivBytes);
  const encrypt = createCipheriv(cipher, key(), iv).setAAD(Buffer.from(context));
  const body = Buffer.concat([encrypt.update(token, "utf8"), encrypt.final()]);
  return Buffer.concat([iv, encrypt.getAuthTag(), body]).toString("base64url");
}

/** @throws Error if it was sealed with another key or for another context, or was altered. */
export function unseal(sealed: string, context: string): string {
  const bytes = Buffer.from(sealed, "base64url");
  const decrypt = createDecipheriv(cipher, key(), bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(context))
    .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  return Buffer.concat([decrypt.update(bytes.subarray(ivBytes + tagBytes)), decrypt.final()]).toString("utf8");
}

/** Derived from the signing key (RFC 5869), so that one secret less has to be kept. */
function key(): Buffer {
  return Buffer.from(hkdfSync("sha256", config().TOKEN_SECRET, "", "postbox sealed token", 32));
}
