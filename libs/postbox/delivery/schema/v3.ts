/**
 * The engine's tables, version 3: columns and indexes that bound the work of one statement.
 *
 * - Pending events are indexed by target: the backlog of a paused target is not read on the way to the others.
 * - Scheduled events are indexed in the order in which they become due, and by position within one moment.
 * - Stored events are indexed by type: the backlog of one handler is not read on the way to the others.
 * - Possible poison, an event that may have ended its process, has an index of its own.
 * - `requested_at` is the time at which an operator asked for a run of a job, beside its schedule.
 * - `bytes` is the size of an event, so that a batch is bounded without reading payloads. It is null in older rows.
 */
export const up: readonly string[] = [
  "alter table event_outbox add column bytes integer",
  "alter table event_inbox add column bytes integer",
  "drop index event_outbox_pending",
  "create index event_outbox_pending on event_outbox (target, position) where status = 'pending'",
  "drop index event_outbox_due",
  "create index event_outbox_due on event_outbox (next_attempt_at, position) where status in ('scheduled', 'received')",
  "drop index event_inbox_due",
  "create index event_inbox_due on event_inbox (event_type, next_attempt_at) where status in ('failed', 'parked')",
  `create index event_inbox_suspect on event_inbox (next_attempt_at)
    where status in ('failed', 'parked') and (crashes > 0 or started_at is not null)`,
  "alter table job add column requested_at timestamptz",
];

export const down: readonly string[] = [
  "alter table job drop column requested_at",
  "drop index event_inbox_suspect",
  "drop index event_inbox_due",
  "create index event_inbox_due on event_inbox (next_attempt_at) where status in ('failed', 'parked')",
  "drop index event_outbox_due",
  "create index event_outbox_due on event_outbox (next_attempt_at) where status in ('scheduled', 'received')",
  "drop index event_outbox_pending",
  "create index event_outbox_pending on event_outbox (position) where status = 'pending'",
  "alter table event_inbox drop column bytes",
  "alter table event_outbox drop column bytes",
];
