import { setTimeout as delay } from "node:timers/promises";

/** A steady load. */
export interface Offer {
  readonly perSecond: number;
  readonly events: number;
}

/**
 * Calls `commit` at a steady rate, whatever the earlier calls take, and gives the time at which each was committed,
 * by the event's number (milliseconds of `performance.now`).
 */
export async function offerSteadily(
  { perSecond, events }: Offer,
  commit: (n: number) => Promise<void>,
): Promise<Map<number, number>> {
  const committed = new Map<number, number>();
  // What has ended is let go: kept, it would be copied by each scavenge, and the benchmark would measure that.
  const underWay = new Set<Promise<void>>();
  const start = performance.now();
  for (let n = 0; n < events; n++) {
    const ahead = start + (n * 1_000) / perSecond - performance.now();
    if (ahead > 0) await delay(ahead);
    const commits = commit(n)
      .then(() => void committed.set(n, performance.now()))
      .finally(() => underWay.delete(commits));
    underWay.add(commits);
  }
  await Promise.all(underWay);
  return committed;
}

/** Milliseconds from commit to effect; an effect may be done before its COMMIT has been heard of. */
export function latencies(committed: ReadonlyMap<number, number>, done: ReadonlyMap<number, number>): number[] {
  return [...done].map(([n, at]) => Math.max(0, at - (committed.get(n) ?? at)));
}
