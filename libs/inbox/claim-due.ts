import type { Database } from "../database/database.ts";
import { type StoredRow, storedColumns } from "./read-rows.ts";

/**
 * Claims stored events that are due, for a lease: they are marked as begun, and one that was begun and never ended
 * counts as a crash. The claim is committed before anything runs, so that an event that ends its process shows. A
 * parked event whose take-up never ended is from now on a failed one: it runs alone.
 *
 * @param leaseMs after this long, somebody else may take them.
 * @param suspect only those that were begun once and never ended (they may have ended their process, or stood beside
 * what did), or only the others. Default: both.
 */
export async function claimDue(
  database: Database,
  most: number,
  leaseMs: number,
  suspect?: boolean,
): Promise<StoredRow[]> {
  const { rows } = await database.query<StoredRow>({
    name: "inbox-claim-due",
    text: `with due as (
        select id from event_inbox
        where status in ('failed', 'parked') and next_attempt_at <= now()
          and ($3::bool is null or (crashes > 0 or started_at is not null) = $3)
        order by next_attempt_at
        limit $1
        for update skip locked)
      update event_inbox i
      set crashes = i.crashes + case when i.started_at is null then 0 else 1 end,
        status = case when i.started_at is null then i.status else 'failed' end,
        started_at = now(),
        next_attempt_at = now() + $2 * interval '1 ms'
      from due where i.id = due.id
      returning ${storedColumns}`,
    values: [most, leaseMs, suspect ?? null],
  });
  return rows;
}

/** Events held for a release that knows them, if this one does: due now. @returns how many. */
export async function releaseHeld(
  database: Database,
  { types, versions }: { types: readonly string[]; versions: readonly number[] },
): Promise<number> {
  const { rowCount } = await database.query({
    name: "inbox-release-held",
    text: `update event_inbox i set status = 'failed', next_attempt_at = now()
      from unnest($1::text[], $2::int[]) as known (event_type, version)
      where i.status = 'held' and i.event_type = known.event_type and i.version <= known.version`,
    values: [types, versions],
  });
  return rowCount ?? 0;
}
