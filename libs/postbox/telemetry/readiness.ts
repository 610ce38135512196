import type { ServiceBroker } from "moleculer";

/** Throws if its part cannot work now, with the reason: `throw new Error("the stream users_stream is missing")`. */
export type ReadinessCheck = () => void | Promise<void>;

/** Whether a process is ready, with `ok` or the reason for each of its parts. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

/** Milliseconds after which a check counts as failed. A Kubernetes probe waits no longer itself. */
const checkTimeoutMs = 2_000;

const checksOf = new WeakMap<ServiceBroker, Map<string, ReadinessCheck>>();

/**
 * Adds a check that must pass before the process of this broker is ready.
 *
 * @param name of the part, e.g. `postgres:auth`.
 *
 * @returns a function that removes the check.
 */
export function addReadinessCheck(broker: ServiceBroker, name: string, check: ReadinessCheck): () => void {
  const checks = checksOf.get(broker) ?? new Map<string, ReadinessCheck>();
  checksOf.set(broker, checks);
  checks.set(name, check);
  return () => {
    if (checks.get(name) === check) checks.delete(name);
  };
}

/** Runs all checks side by side. */
export async function readiness(broker: ServiceBroker): Promise<Readiness> {
  const checks = [...(checksOf.get(broker) ?? [])];
  const results = await Promise.all(checks.map(async ([name, check]) => [name, await resultOf(check)] as const));
  return { ready: results.every(([, result]) => result === "ok"), checks: Object.fromEntries(results) };
}

async function resultOf(check: ReadinessCheck): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((settle) => {
    timer = setTimeout(() => settle(`no answer within ${checkTimeoutMs} ms`), checkTimeoutMs);
  });
  const answer = Promise.resolve()
    .then(check)
    .then(
      () => "ok",
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
