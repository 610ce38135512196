/** Bytes of a mailbox key at most. An index entry of Postgres takes 2,704. */
export const maxKeyBytes = 500;

/** Why a text cannot be a mailbox key; undefined if it can. A key must be the same text in both services' tables. */
export function faultOfKey(key: string): string | undefined {
  if (!key.isWellFormed()) return "contains half of a surrogate pair, which UTF-8 cannot carry";
  if (key.includes("\0")) return "contains the character NUL, which Postgres stores in no text";
  const bytes = Buffer.byteLength(key);
  return bytes > maxKeyBytes ? `has ${bytes} bytes; ${maxKeyBytes} are the most` : undefined;
}
