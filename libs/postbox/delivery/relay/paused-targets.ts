import { backoffMs } from "../../core/backoff/full-jitter.ts";

/** Targets whose stream refused a publish. Each has a backoff of its own, so that the others go on. */
export class PausedTargets {
  readonly #paused = new Map<string, { until: number; failures: number }>();

  /** The targets that are not to be published to now. */
  names(): string[] {
    const now = performance.now();
    return [...this.#paused].filter(([, { until }]) => until > now).map(([target]) => target);
  }

  /** Whether the target has refused a publish and has accepted none since. */
  has(target: string): boolean {
    return this.#paused.has(target);
  }

  /** @returns for how many milliseconds the target is paused. */
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
