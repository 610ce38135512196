import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { derivedKey, signingKey, type TokenKey, takenKeys } from "./token-keys.ts";

const cipher = "aes-256-gcm";
const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts a token for its way through outbox, broker and inbox: `seal(token, "reset " + user.id)`. Whoever reads a table or
 * a stream cannot use it. `context` is authenticated: `unseal` needs the same one.
 */
export function seal(token: string, context: string): string {
  const iv = randomBytes(ivBytes);
  const encrypt = createCipheriv(cipher, sealingKey(signingKey()), iv).setAAD(Buffer.from(context));
  const body = Buffer.concat([encrypt.update(token, "utf8"), encrypt.final()]);
  return Buffer.concat([iv, encrypt.getAuthTag(), body]).toString("base64url");
}

/**
 * Decrypts a sealed token.
 *
 * @throws Error where it was altered, or sealed for another context or with a key that is not taken any more.
 */
export function unseal(sealed: string, context: string): string {
  const bytes = Buffer.from(sealed, "base64url");
  let refused: unknown;
  for (const key of takenKeys())
    try {
      return unsealWith(key, bytes, context);
    } catch (error) {
      refused = error;
    }
  throw refused;
}

function unsealWith(key: TokenKey, bytes: Buffer, context: string): string {
  const decrypt = createDecipheriv(cipher, sealingKey(key), bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(context))
    .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  return Buffer.concat([decrypt.update(bytes.subarray(ivBytes + tagBytes)), decrypt.final()]).toString("utf8");
}

const sealingKey = (key: TokenKey) => derivedKey(key, "sealed token");
