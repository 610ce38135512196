import type { Queryable } from "../../postgres/transaction/queryable.ts";
import type { ClaimedRun } from "./claimed-run.ts";

/**
 * How long a run is its scheduler's without a sign of it, in milliseconds: after a crash, another takes over once this
 * and a tick are over.
 */
export const leaseMs = 10_000;

/** Milliseconds between two signs: three may be missed. */
export const renewMs = 3_000;

/** A sign that these runs go on. @returns the ids of those that are still this scheduler's. */
export async function renewLeases(db: Queryable, runs: readonly ClaimedRun[]): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ id: string }>({
    name: "job-renew",
    text: `update job_run r set lease_until = now() + $3 * interval '1 ms'
      from unnest($1::uuid[], $2::int[]) as own (id, attempt)
      where r.id = own.id and r.attempts = own.attempt and r.status = 'running'
      returning r.id`,
    values: [runs.map(({ id }) => id), runs.map(({ attempt }) => attempt), leaseMs],
  });
  return new Set(rows.map(({ id }) => id));
}
