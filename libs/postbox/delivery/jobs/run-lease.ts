import type { Queryable } from "../../postgres/transaction/queryable.ts";
import type { ClaimedRun } from "./claimed-run.ts";

/**
 * Milliseconds for which a claimed run belongs to its scheduler. After a crash, another scheduler takes the run over
 * once the lease has ended, at its next tick.
 */
export const leaseMs = 10_000;

/** Milliseconds between two renewals. Two in a row may fail. */
export const renewMs = 3_000;

/** Renews the leases of runs. @returns the ids of the runs that no other scheduler has taken over. */
export async function renewLeases(db: Queryable, runs: readonly ClaimedRun[]): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ id: string }>({
    name: "job-renew",
    text: `update job_run r set lease_until = now() + $3 * interval '1 ms'
      from unnest($1::uuid[], $2::int[]) as claimed (id, attempt)
      where r.id = claimed.id and r.attempts = claimed.attempt and r.status = 'running'
      returning r.id`,
    values: [runs.map(({ id }) => id), runs.map(({ attempt }) => attempt), leaseMs],
  });
  return new Set(rows.map(({ id }) => id));
}
