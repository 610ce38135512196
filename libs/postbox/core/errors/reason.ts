/** An error in a few words. That of a host with several addresses has no message, only a code. */
export function reasonOf(error: unknown): string {
  const { message, code }: { message?: string; code?: string } = error instanceof Error ? error : {};
  return message || code || String(error);
}
