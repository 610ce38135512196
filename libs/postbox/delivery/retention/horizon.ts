/**
 * How long an event may be sent again, counted from its first publish. It is one constant for all services: a
 * subscriber must remember what it has handled for longer than any publisher may ask. In days.
 */
export const horizonDays = 7;

/** How long processed outbox rows are kept, in days. */
export const outboxRetentionDays = 7;

/**
 * How long processed inbox rows are kept, in days, as long as no older message waits in the mailbox: they outlive the
 * horizon by as much again. Of what does wait there, copies may have been published for a horizon before.
 */
export const inboxRetentionDays = 2 * horizonDays;
