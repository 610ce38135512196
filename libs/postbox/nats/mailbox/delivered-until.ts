import type { Inspection } from "./inspect.ts";

/**
 * The stream sequence up to which messages of a mailbox have been delivered at least once, to any worker.
 *
 * The consumer's own `delivered` cannot be relied on. A nats-server before 2.10.14 may move it back by one while it has
 * only requests of a killed worker to redeliver to. The message at that position is then delivered as if for the first
 * time, and a message that kills its process is never recognised.
 *
 * The count of delivered and unacknowledged messages stays right. Acknowledged messages leave the stream. So the other
 * messages in the stream were never delivered, and they stand at its end.
 *
 * The consumer is asked before the stream. What is acknowledged between the two answers counts twice, so the result may
 * be slightly too high, and never too low.
 */
export function deliveredUntil({ stream, consumer }: Inspection): number {
  if (stream === undefined || consumer === undefined) return 0;
  const { last_seq, messages } = stream.state;
  return last_seq - (messages - consumer.num_ack_pending);
}
