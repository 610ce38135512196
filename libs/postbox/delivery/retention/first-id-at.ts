/**
 * The smallest UUID v7 of a moment. Ids that were made earlier are smaller, so a statement finds old rows by the
 * primary key and needs no index on a time.
 *
 * @param ms milliseconds since 1970, which are the first 48 bits of a UUID v7 (RFC 9562, section 5.7).
 */
export function firstIdAt(ms: number): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
