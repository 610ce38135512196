const reported = new WeakSet<Error>();

/**
 * Whether an error is reported for the first time in this process. An error passes several that could log it: the action
 * that failed, the action that called it, and the gateway.
 */
export function isFirstReport(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  if (reported.has(error)) return false;
  reported.add(error);
  return true;
}
