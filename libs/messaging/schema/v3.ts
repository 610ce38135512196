/**
 * The engine's tables, version 3: what bounds the work of one step.
 *
 * - Pending events are found by their target, so that the backlog of one that refuses is not read to find the others'.
 * - Scheduled events are found in the order in which they are due, also those of one moment.
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
];

export const down: readonly string[] = [
  "drop index event_outbox_due",
  "create index event_outbox_due on event_outbox (next_attempt_at) where status in ('scheduled', 'received')",
  "drop index event_outbox_pending",
  "create index event_outbox_pending on event_outbox (position) where status = 'pending'",
  "alter table event_inbox drop column bytes",
  "alter table event_outbox drop column bytes",
];
