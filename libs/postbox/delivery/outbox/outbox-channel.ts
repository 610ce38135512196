/** The channel of `NOTIFY` on which another process tells a relay that the outbox has pending rows. */
export const outboxChannel = "postbox_outbox";
