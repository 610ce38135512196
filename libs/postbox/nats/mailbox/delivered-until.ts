import type { Inspection } from "./inspect.ts";

/**
 * The sequence up to which a mailbox's messages have been delivered at least once, to anybody.
 *
 * The broker's own word is not sure. A nats-server before 2.10.14 that has to deliver a message again, and finds only
 * requests of a worker that was killed, moves the consumer's position back by one: the message there is delivered as if
 * for the first time, and one that ends its process was never seen to. What stays right is the number of messages that
 * are delivered and not acknowledged. Acknowledged ones leave the stream, so all others that it holds were never
 * delivered, and they are its end.
 *
 * As the consumer was asked first, what was acknowledged between the two answers counts twice: the place may be a little
 * beyond the true one, never before it.
 */
export function deliveredUntil({ stream, consumer }: Inspection): number {
  if (stream === undefined || consumer === undefined) return 0;
  const { last_seq, messages } = stream.state;
  return last_seq - (messages - consumer.num_ack_pending);
}
