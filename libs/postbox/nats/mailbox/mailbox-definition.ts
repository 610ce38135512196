import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  type Nanos,
  nanos,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "nats";
import { config } from "../../core/configuration/config.ts";
import { ackStream, durable, mailboxStream } from "./names.ts";

/** A stream and its one consumer, as they must be at the broker. */
export interface MailboxDefinition {
  readonly stream: Partial<StreamConfig> & { readonly name: string };
  readonly consumer: Partial<ConsumerConfig> & {
    readonly durable_name: string;
    /** Without an ack or a `working()` for this long, the broker delivers a message again. */
    readonly ack_wait: Nanos;
  };
}

/** Milliseconds for which the broker remembers the wire id of a publish. */
export const duplicateWindowMs = 120_000;

/**
 * Messages without a broker ack, at most. This alone bounds the memory of workers: the client requests more as messages
 * arrive, not as they are handled. So many full packs are 64 MB.
 */
const maxAckPending = 256;

/** The mailbox of the events that are sent to a service. */
export const mailboxOf = (service: string): MailboxDefinition => definition(mailboxStream(service), `${service}.>`);

/** The mailbox of the acknowledgements for what a service has sent. */
export const acksOf = (service: string): MailboxDefinition => definition(ackStream(service), `ack.${service}.>`);

/**
 * - Work-queue retention: an acked message leaves, so that the stream holds just what is still to do.
 * - Discard new: a full stream refuses a publish, which then waits in the outbox. Discard old would drop messages that
 *   the broker has accepted.
 */
function definition(name: string, subject: string): MailboxDefinition {
  return {
    stream: {
      name,
      subjects: [subject],
      storage: StorageType.File,
      retention: RetentionPolicy.Workqueue,
      discard: DiscardPolicy.New,
      duplicate_window: nanos(duplicateWindowMs),
    },
    consumer: {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(config().ACK_WAIT_MS),
      max_deliver: -1,
      max_ack_pending: maxAckPending,
    },
  };
}
