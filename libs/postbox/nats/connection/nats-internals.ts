import type { ConsumerMessages, QueuedIterator, Status, Subscription } from "nats";

/** The version of `nats` whose source the functions here were checked against. */
export const natsVersion = "2.29.3";

/**
 * Ends the iteration over a connection's status events. The client declares them as a plain `AsyncIterable`, which only
 * the next event could end.
 *
 * nats/lib/nats-base-client/nats.js: `status()` returns a `QueuedIteratorImpl`.
 */
export function stopStatus(states: AsyncIterable<Status>): void {
  (states as QueuedIterator<Status>).stop();
}

interface ConsumerInternals {
  /** The subscription to which the broker delivers. */
  readonly sub: Subscription;
  /** Sends a request for more messages. */
  pull(options: unknown): void;
}

/**
 * Sends no further request for messages and drains the subscription: all that the broker has sent so far still reaches
 * the callback. The client's own `stop` and `close` unsubscribe at once and lose those messages until `ack_wait` ends.
 *
 * nats/lib/jetstream/consumer.js: `PullConsumerMessagesImpl`.
 */
export function drainMessages(messages: ConsumerMessages): Promise<void> {
  const internals = messages as ConsumerMessages & ConsumerInternals;
  Object.assign(internals, { pull: () => undefined });
  return internals.sub.drain();
}
