import type { ConsumerInfo, JetStreamManager, StreamInfo } from "nats";
import { apiCode, unless } from "../connection/api-errors.ts";
import { withTimeout } from "../connection/with-timeout.ts";
import type { MailboxDefinition } from "./mailbox-definition.ts";

/** A stream and its consumer, as the broker has them; undefined for what is not there. */
export interface Inspection {
  readonly stream: StreamInfo | undefined;
  readonly consumer: ConsumerInfo | undefined;
}

/** Asks for the consumer first: what it has delivered by then, the stream must hold or have held a moment later. */
export async function inspect(jsm: JetStreamManager, { stream, consumer }: MailboxDefinition): Promise<Inspection> {
  const consumerInfo = await withTimeout(
    `info of the consumer of ${stream.name}`,
    unless(jsm.consumers.info(stream.name, consumer.durable_name), apiCode.streamNotFound, apiCode.consumerNotFound),
  );
  const streamInfo = await withTimeout(
    `info of ${stream.name}`,
    unless(jsm.streams.info(stream.name), apiCode.streamNotFound),
  );
  return { stream: streamInfo, consumer: consumerInfo };
}

/** What is wrong with a mailbox, or undefined. */
export type Fault =
  | "stream-missing"
  | "consumer-missing"
  | "misconfigured"
  /** Works, with figures that are not this release's. */
  | "outdated"
  /** The consumer has delivered what the stream does not have yet: the stream went backwards. */
  | "stream-behind-consumer"
  /** The stream holds a message that the consumer believes acknowledged: it went backwards and grew again. */
  | "message-below-ack-floor";

/**
 * Finds what would keep a message from being delivered.
 *
 * A stream's creation time does not change when its files are rolled back, so time is no evidence. Work-queue
 * retention gives a sure sign: what is acknowledged leaves the stream, so nothing may stand at or below the
 * consumer's ack floor, and the consumer cannot have delivered more than the stream ever had.
 *
 * Both signs can show for an instant while messages come and go; believe them when seen twice in a row
 * (`needsSecondLook`).
 */
export function faultOf(
  { stream: definition, consumer: wanted }: MailboxDefinition,
  { stream, consumer }: Inspection,
): Fault | undefined {
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

/** Whether a fault may be but the moment between two answers. */
export const needsSecondLook = (fault: Fault): boolean =>
  fault === "stream-behind-consumer" || fault === "message-below-ack-floor";
