/** Makes a step end when the signal aborts. The work itself goes on until what it stands on is stopped. */
export function abortable(signal: AbortSignal | undefined): <T>(work: Promise<T>) => Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    const end = () => reject(signal?.reason);
    if (signal?.aborted) end();
    else signal?.addEventListener("abort", end);
  });
  // It may abort between two steps, when nobody waits.
  aborted.catch(() => undefined);
  return (work) => Promise.race([work, aborted]);
}
