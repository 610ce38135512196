/** The stream that holds what is sent to a service. */
export const mailboxStream = (service: string): string => `${service}_stream`;

/** The stream that holds the acknowledgements of what a service has sent. It is its own, so that a full mailbox cannot block it. */
export const ackStream = (service: string): string => `${service}_acks`;

/** The subject of the acknowledgements that `subscriber` sends to `source`. */
export const ackSubject = (source: string, subscriber: string): string => `ack.${source}.${subscriber}`;

/** The one durable consumer of every stream. */
export const durable = "mailbox";
