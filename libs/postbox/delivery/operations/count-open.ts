import type { Database } from "../../postgres/database.ts";
import { indexScansOnly } from "../../postgres/transaction/index-scans.ts";
import type { DeliveryMetrics } from "../metrics/delivery-metrics.ts";
import { gaps } from "./find-gaps.ts";

/**
 * Sets the gauges of the events that are not done in a service's outbox and inbox. The statements read partial indexes
 * of those events only, so final rows cost nothing.
 */
export async function countOpen(database: Database, metrics: DeliveryMetrics): Promise<void> {
  const [{ rows }, gap] = await database.transaction(
    (tx) => Promise.all([tx.query<StatusCount>(statusCounts), tx.query<{ age: number | null }>(oldestBehindGap)]),
    indexScansOnly,
  );
  for (const table of ["outbox", "inbox"] as const)
    metrics.rows(table, new Map(rows.filter(({ box }) => box === table).map((row) => [row.status, Number(row.count)])));
  const ageOf = (box: string, ...statuses: string[]) =>
    Math.max(0, ...rows.filter((row) => row.box === box && statuses.includes(row.status)).map(({ age }) => age ?? 0));
  metrics.oldest("unsent", ageOf("outbox", "pending"));
  metrics.oldest("unacked", ageOf("outbox", "published", "received"));
  metrics.oldest("unhandled", ageOf("inbox", "failed", "parked"));
  metrics.oldest("gap", gap.rows[0]?.age ?? 0);
}

interface StatusCount {
  readonly box: "outbox" | "inbox";
  readonly status: string;
  readonly count: string;
  /**
   * Seconds since the oldest of these events came; null for a status whose events wait for an operator or a release.
   */
  readonly age: number | null;
}

const statusCounts = {
  name: "events-count-open",
  text: `select 'outbox' as box, status, count(*) as count, extract(epoch from now() - min(created_at))::float8 as age
      from event_outbox where status = 'pending' group by status
      union all select 'outbox', status, count(*), extract(epoch from now() - min(created_at))::float8
      from event_outbox where status = 'published' group by status
      union all select 'outbox', status, count(*), extract(epoch from now() - min(created_at))::float8
      from event_outbox where status in ('scheduled', 'received') group by status
      union all select 'outbox', status, count(*), null from event_outbox where status = 'dead' group by status
      union all select 'inbox', status, count(*), extract(epoch from now() - min(received_at))::float8
      from event_inbox where status in ('failed', 'parked') group by status
      union all select 'inbox', status, count(*), null from event_inbox where status in ('held', 'dead') group by status`,
};

/**
 * The age of the oldest event that waits behind a gap: an earlier event of its key has not come. An event on its way
 * comes within seconds. An age that grows means that the subscriber has lost an event that it had acknowledged.
 */
const oldestBehindGap = {
  name: "inbox-oldest-behind-gap",
  text: `with ${gaps} select extract(epoch from now() - min(since))::float8 as age from gaps`,
};
