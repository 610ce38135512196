/** Bytes of a mailbox key at most: far below what an index entry of Postgres takes (2,704). */
export const maxKeyBytes = 500;

/** What keeps a text from being a mailbox key, or undefined: it must be the same text in both services' tables. */
export function faultOfKey(key: string): string | undefined {
  if (!key.isWellFormed()) return "holds half of a surrogate pair, which UTF-8 cannot carry";
  if (key.includes("\0")) return "holds the character NUL, which Postgres stores in no text";
  const bytes = Buffer.byteLength(key);
  return bytes > maxKeyBytes ? `has ${bytes} bytes; ${maxKeyBytes} are the most` : undefined;
}
