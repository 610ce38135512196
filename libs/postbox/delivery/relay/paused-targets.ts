import { backoffMs } from "../../core/backoff/full-jitter.ts";

/** Targets that refuse for now, each with a backoff of its own, so that the others go on. */
export class PausedTargets {
  readonly #paused = new Map<string, { until: number; failures: number }>();

  /** Those that still wait. */
  names(): string[] {
    const now = performance.now();
    return [...this.#paused].filter(([, { until }]) => until > now).map(([target]) => target);
  }

  /** Whether it has refused and has taken nothing since. */
  has(target: string): boolean {
    return this.#paused.has(target);
  }

  /** @returns how many milliseconds it waits. */
  pause(target: string): number {
    const failures = (this.#paused.get(target)?.failures ?? 0) + 1;
    const ms = 50 + backoffMs(failures, { baseMs: 200, capMs: 5_000 });
    this.#paused.set(target, { until: performance.now() + ms, failures });
    return ms;
  }

  resume(target: string): void {
    this.#paused.delete(target);
  }
}
