import type { Inspection } from "../mailbox/inspect.ts";
import type { MailboxDefinition } from "../mailbox/mailbox-definition.ts";

/** What can be wrong with a mailbox at the broker. */
export type MailboxFault =
  | "stream-missing"
  | "consumer-missing"
  /** Settings under which messages would be lost or withheld. */
  | "misconfigured"
  /** Works, with limits of another release. */
  | "outdated"
  /** The consumer has delivered what the stream does not have: the stream lost its newest messages. */
  | "stream-behind-consumer"
  /** The stream holds a message at or below the ack floor: the stream lost messages and grew again. */
  | "message-below-ack-floor";

/**
 * Finds what would keep a message from being delivered; undefined if nothing would.
 *
 * Work-queue retention gives sure signs of a stream whose files were rolled back. Acknowledged messages leave, so nothing
 * may stand at or below the consumer's ack floor. And the consumer cannot have delivered more than the stream ever had.
 * A stream's creation time proves nothing: a rollback does not change it.
 *
 * Both signs can show for an instant while messages come and go: see `mayBeTransient`.
 */
export function faultOf(
  { stream: definition, consumer: wanted }: MailboxDefinition,
  { stream, consumer }: Inspection,
): MailboxFault | undefined {
  if (stream === undefined) return "stream-missing";
  if (consumer === undefined) return "consumer-missing";
  if (
    stream.config.retention !== definition.retention ||
    stream.config.discard !== definition.discard ||
    stream.config.subjects?.join() !== definition.subjects?.join() ||
    consumer.config.ack_policy !== wanted.ack_policy ||
    consumer.config.max_deliver !== wanted.max_deliver ||
    consumer.config.filter_subject !== undefined
  )
    return "misconfigured";
  const { first_seq, last_seq, messages } = stream.state;
  if (consumer.delivered.stream_seq > last_seq) return "stream-behind-consumer";
  if (messages > 0 && first_seq <= consumer.ack_floor.stream_seq) return "message-below-ack-floor";
  if (
    stream.config.duplicate_window !== definition.duplicate_window ||
    consumer.config.ack_wait !== wanted.ack_wait ||
    consumer.config.max_ack_pending !== wanted.max_ack_pending
  )
    return "outdated";
  return undefined;
}

/** Whether a fault may come from the moment between the two answers of the broker. Believe it when seen twice in a row. */
export const mayBeTransient = (fault: MailboxFault): boolean =>
  fault === "stream-behind-consumer" || fault === "message-below-ack-floor";
