import type { ServiceBroker } from "moleculer";

/** Says by throwing why this part cannot do its work now: `throw new Error("the stream users_stream is missing")`. */
export type ReadinessCheck = () => void | Promise<void>;

/** What a process that is asked whether it is ready answers, a word for each part: `ok`, or what is wrong. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

/** Milliseconds after which a check that has not answered counts as failed; a probe waits no longer itself. */
const patienceMs = 2_000;

const checksOf = new WeakMap<ServiceBroker, Map<string, ReadinessCheck>>();

/**
 * Adds a part to what must work before the process of this broker is ready, e.g. `postgres:auth`.
 *
 * @returns takes it away again
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
  const told = await Promise.all(checks.map(async ([name, check]) => [name, await outcome(check)] as const));
  return { ready: told.every(([, word]) => word === "ok"), checks: Object.fromEntries(told) };
}

async function outcome(check: ReadinessCheck): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((settle) => {
    timer = setTimeout(() => settle(`no answer within ${patienceMs} ms`), patienceMs);
  });
  const answer = Promise.resolve()
    .then(check)
    .then(
      () => "ok",
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
