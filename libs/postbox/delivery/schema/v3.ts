/**
 * The engine's tables, version 3: what bounds the work of one step.
 *
 * - Pending events are found by their target, so that the backlog of one that refuses is not read to find the others'.
 * - Scheduled events are found in the order in which they are due, also those of one moment.
 * - Stored events are found by their type, so that the backlog of one handler is not read to find the others', and those
 *   that may have ended their process by themselves.
 * - `requested_at` is when an operator asked for a run of a job; its schedule stays as it is.
 * - `bytes` is what an event weighs, so that a step can be bounded by it without reading payloads. Of rows written
 *   before, it is null.
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
