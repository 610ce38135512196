import type { ConsumerInfo, JetStreamManager, StreamInfo } from "nats";
import { apiCode, unless } from "../connection/api-errors.ts";
import { withTimeout } from "../connection/with-timeout.ts";
import type { MailboxDefinition } from "./mailbox-definition.ts";

/** A stream and its consumer as the broker has them; undefined for what is missing. */
export interface Inspection {
  readonly stream: StreamInfo | undefined;
  readonly consumer: ConsumerInfo | undefined;
}

/**
 * Asks the broker for a mailbox's stream and consumer. The consumer is asked first: the stream's answer, a moment later,
 * then covers everything that the consumer has delivered.
 */
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
