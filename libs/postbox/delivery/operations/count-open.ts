import type { Database } from "../../postgres/database.ts";
import { indexScansOnly } from "../../postgres/transaction/index-scans.ts";
import type { DeliveryMetrics } from "../metrics/delivery-metrics.ts";
import { gaps } from "./find-gaps.ts";

/** Sets the gauges of what is open in a service's outbox and inbox. Reads partial indexes only: history costs nothing. */
export async function countOpen(database: Database, metrics: DeliveryMetrics): Promise<void> {
  const [{ rows }, gap] = await database.transaction(
    (tx) => Promise.all([tx.query<Count>(counts), tx.query<{ age: number | null }>(oldestBehindGap)]),
    indexScansOnly,
  );
  for (const table of ["outbox", "inbox"] as const)
    metrics.rows(
      table,
      new Map(rows.filter(({ origin }) => origin === table).map((row) => [row.status, Number(row.count)])),
    );
  const ageOf = (origin: string, ...statuses: string[]) =>
    Math.max(
      0,
      ...rows.filter((row) => row.origin === origin && statuses.includes(row.status)).map(({ age }) => age ?? 0),
    );
  metrics.oldest("unsent", ageOf("outbox", "pending"));
  metrics.oldest("unacked", ageOf("outbox", "published", "received"));
  metrics.oldest("unhandled", ageOf("inbox", "failed", "parked"));
  metrics.oldest("gap", gap.rows[0]?.age ?? 0);
}

interface Count extends Record<string, unknown> {
  readonly origin: "outbox" | "inbox";
  readonly status: string;
  readonly count: string;
  readonly age: number | null;
}

const counts = {
  name: "messaging-count-open",
  text: `select 'outbox' as origin, status, count(*) as count, extract(epoch from now() - min(created_at))::float8 as age
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
 * The age of the oldest event that waits for one of its key that has not come. One that is under way comes in seconds; an
 * age that grows means that the subscriber has lost what it had acknowledged.
 */
const oldestBehindGap = {
  name: "messaging-oldest-behind-gap",
  text: `with ${gaps} select extract(epoch from now() - min(since))::float8 as age from gaps`,
};
