/** An error in a few words. A failed connection to a host with several addresses has a code and no message. */
export function reasonOf(error: unknown): string {
  const { message, code }: { message?: string; code?: string } = error instanceof Error ? error : {};
  return message || code || String(error);
}
