/**
 * The least UUID v7 of a moment, in milliseconds since 1970 (RFC 9562, 5.7: its first 48 bits are just those). What is
 * older stands before it in a primary key, so that no index on a time is needed.
 */
export function firstIdAt(ms: number): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
