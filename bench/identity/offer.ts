import { setTimeout as delay } from "node:timers/promises";
import type { Timed } from "./client.ts";

/** A request that is made so many times a second. */
export interface Stream {
  readonly perSecond: number;
  readonly request: () => Promise<Timed>;
}

/** Offers requests at steady rates, whether or not earlier ones were answered, and gives all answers by stream. */
export async function offer(streams: readonly Stream[], seconds: number): Promise<Timed[][]> {
  const pending = streams.map((): Promise<Timed>[] => []);
  const began = performance.now();
  for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - began) / 1_000) {
    for (const [index, { perSecond, request }] of streams.entries()) {
      const sent = pending[index] ?? [];
      while (sent.length < elapsed * perSecond) sent.push(request());
    }
    await delay(2);
  }
  return Promise.all(pending.map((sent) => Promise.all(sent)));
}
