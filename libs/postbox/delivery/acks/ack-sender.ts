import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "moleculer";
import type { NatsConnection } from "nats";
import { backoffMs } from "../../core/backoff/full-jitter.ts";
import { ackSubject } from "../../nats/mailbox/names.ts";
import { type Ack, encodeAcks } from "../wire/ack.ts";

/** Bytes of one broker message at most; fewer if the broker's limit is lower. */
const messageBytes = 256 * 1024;

/** Messages in flight at most. Further acknowledgements are dropped: the publisher asks for them again. */
const maxInFlight = 200;

/** How often one message is published at most. */
const maxAttempts = 6;

/** Milliseconds that `drain` waits at most. */
const drainMs = 2_000;

/**
 * Sends the acknowledgements of a subscriber to the publishers, one message a batch. An acknowledgement may be lost:
 * the publisher then sends the event again, and the inbox answers with what it has stored.
 */
export class AckSender {
  readonly #nats: NatsConnection;
  readonly #subscriber: string;
  readonly #logger: Logger;
  readonly #inFlight = new Set<Promise<void>>();

  constructor(nats: NatsConnection, subscriber: string, logger: Logger) {
    this.#nats = nats;
    this.#subscriber = subscriber;
    this.#logger = logger;
  }

  /** Begins to send acknowledgements, and does not wait for the broker. */
  send(source: string, acks: readonly Ack[]): void {
    const maxBytes = Math.min(messageBytes, this.#nats.info?.max_payload ?? messageBytes);
    for (const body of messagesOf(acks, maxBytes)) {
      if (this.#inFlight.size >= maxInFlight) return;
      const sending = this.#publish(source, body);
      this.#inFlight.add(sending);
      void sending.finally(() => this.#inFlight.delete(sending));
    }
  }

  /**
   * Waits for the messages in flight, up to 2 s: the broker may be away, and the publisher asks for lost ones again.
   */
  async drain(): Promise<void> {
    await Promise.race([Promise.all(this.#inFlight), delay(drainMs, undefined, { ref: false })]);
  }

  async #publish(source: string, body: string): Promise<void> {
    for (let attempt = 1; attempt <= maxAttempts; attempt++)
      try {
        await this.#nats.jetstream().publish(ackSubject(source, this.#subscriber), body, { timeout: 2_000 });
        return;
      } catch (error) {
        if (this.#nats.isClosed() || this.#nats.isDraining()) return;
        this.#logger.debug(
          `Acknowledgements to ${source} could not be sent (attempt ${attempt} of ${maxAttempts}): ${String(error)}`,
        );
        if (attempt < maxAttempts) await delay(backoffMs(attempt, { baseMs: 100, capMs: 2_000 }));
      }
  }
}

/** One message of all acknowledgements, or the messages of each half if one is too large: error texts vary in size. */
function messagesOf(acks: readonly Ack[], maxBytes: number): string[] {
  const body = encodeAcks(acks);
  if (acks.length < 2 || Buffer.byteLength(body) <= maxBytes) return [body];
  const middle = Math.ceil(acks.length / 2);
  return [...messagesOf(acks.slice(0, middle), maxBytes), ...messagesOf(acks.slice(middle), maxBytes)];
}
