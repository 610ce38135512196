import { setTimeout as delay } from "node:timers/promises";

/** How long and how often `until` asks, and what its error says. */
export interface UntilOptions {
  /** Milliseconds to wait at most. Default 20,000: on a busy machine, five times as long as most of what is waited for. */
  readonly deadlineMs?: number;
  /** Milliseconds between two calls of `state`. Default 20. */
  readonly everyMs?: number;
  /** What is waited for, to be read after "Waited … until": `the row is processed`. Default: the source of `state`. */
  readonly what?: string;
}

/**
 * Calls `state` until its result is truthy, and returns that result. A `state` that throws counts as not there yet.
 *
 * @throws Error after the deadline: it names what was waited for and what was last seen.
 */
export async function until<T>(state: () => T | Promise<T>, options: UntilOptions = {}): Promise<NonNullable<T>> {
  const { deadlineMs = 20_000, everyMs = 20, what = state.toString() } = options;
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const seen = await read(state);
    if (seen.value) return seen.value;
    if (performance.now() > deadline) throw late(deadlineMs, what, seen);
    await delay(everyMs);
  }
}

type Seen<T> = { readonly value?: T; readonly error?: unknown };

async function read<T>(state: () => T | Promise<T>): Promise<Seen<T>> {
  try {
    return { value: await state() };
  } catch (error) {
    return { error };
  }
}

function late(deadlineMs: number, what: string, { value, error }: Seen<unknown>): Error {
  const last = error instanceof Error ? error.message : String(error ?? value);
  return new Error(`Waited ${deadlineMs} ms until ${what}; last seen: ${last}`, { cause: error });
}
