/** The channel on which another process says that an outbox has something to publish. */
export const outboxChannel = "postbox_outbox";
