/** The stream of the events that are sent to a service. */
export const mailboxStream = (service: string): string => `${service}_stream`;

/** The stream of the acknowledgements for what a service has sent. It is separate, so that a full mailbox cannot block it. */
export const ackStream = (service: string): string => `${service}_acks`;

/** The subject of the acknowledgements that `subscriber` sends to `source`. */
export const ackSubject = (source: string, subscriber: string): string => `ack.${source}.${subscriber}`;

/** The name of the one durable consumer of every stream. */
export const durable = "mailbox";
