/**
 * Days from its first publish for which an event may be sent again. It is one constant for all services: each
 * subscriber must remember what it has handled for longer than any publisher may send.
 */
export const horizonDays = 7;

/** Days for which final outbox rows are kept. */
export const outboxRetentionDays = 7;

/**
 * Days for which final inbox rows are kept: twice the horizon. They are counted from the oldest message that waits in
 * the mailbox, because copies of it may have been published for a horizon before.
 */
export const inboxRetentionDays = 2 * horizonDays;
