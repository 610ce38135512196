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

/** A stream, with its one consumer, as it must be at the broker. */
export interface MailboxDefinition {
  readonly stream: Partial<StreamConfig> & { readonly name: string };
  readonly consumer: Partial<ConsumerConfig> & {
    readonly durable_name: string;
    /** After this long without an ack or a `working()`, the broker delivers a message again. */
    readonly ack_wait: Nanos;
  };
}

/** How long the broker remembers the wire id of a publish, in milliseconds. */
export const duplicateWindowMs = 120_000;

/**
 * Unacknowledged broker messages that the broker hands out at most. It alone bounds what workers hold in memory: the
 * client refills its queue as messages arrive, not as they are handled. Full packs of them are 64 MB.
 */
const maxAckPending = 256;

/** What is sent to a service. */
export const mailboxOf = (service: string): MailboxDefinition => definition(mailboxStream(service), `${service}.>`);

/** What comes back to a service about what it has sent. */
export const acksOf = (service: string): MailboxDefinition => definition(ackStream(service), `ack.${service}.>`);

/**
 * Work-queue retention: what is acked leaves, so that the stream holds just what is still to do. Discard new: a full
 * stream must refuse a publish, which then waits in the outbox; with discard old it would drop what it had accepted.
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
