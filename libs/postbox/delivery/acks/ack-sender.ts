import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "moleculer";
import type { NatsConnection } from "nats";
import { backoffMs } from "../../core/backoff/full-jitter.ts";
import { ackSubject } from "../../nats/mailbox/names.ts";
import { type Ack, encodeAcks } from "../wire/ack.ts";

/** Bytes of one broker message at most; less where the broker takes less. */
const messageBytes = 256 * 1024;

/** Messages under way at most; beyond it, an acknowledgement is left to be asked for again. */
const maxInFlight = 200;

const attempts = 6;

/** How long `drain` waits at most, in milliseconds. */
const drainMs = 2_000;

/**
 * Sends a subscriber's acknowledgements to the publishers, one message a batch. It may lose one: the publisher then
 * sends the event again, and the inbox answers with what it has stored.
 */
export class AckSender {
  readonly #nats: NatsConnection;
  readonly #subscriber: string;
  readonly #logger: Logger;
  readonly #underWay = new Set<Promise<void>>();

  constructor(nats: NatsConnection, subscriber: string, logger: Logger) {
    this.#nats = nats;
    this.#subscriber = subscriber;
    this.#logger = logger;
  }

  /** Sends without waiting. */
  send(source: string, acks: readonly Ack[]): void {
    const most = Math.min(messageBytes, this.#nats.info?.max_payload ?? messageBytes);
    for (const body of messagesOf(acks, most)) {
      if (this.#underWay.size >= maxInFlight) return;
      const sending = this.#publish(source, body);
      this.#underWay.add(sending);
      void sending.finally(() => this.#underWay.delete(sending));
    }
  }

  /** Waits for what is under way, but not for a broker that is away: what is lost is asked for again. */
  async drain(): Promise<void> {
    await Promise.race([Promise.all(this.#underWay), delay(drainMs, undefined, { ref: false })]);
  }

  async #publish(source: string, body: string): Promise<void> {
    for (let attempt = 1; attempt <= attempts; attempt++)
      try {
        await this.#nats.jetstream().publish(ackSubject(source, this.#subscriber), body, { timeout: 2_000 });
        return;
      } catch (error) {
        if (this.#nats.isClosed() || this.#nats.isDraining()) return;
        this.#logger.debug(`Acknowledgements to ${source} failed (attempt ${attempt}): ${String(error)}`);
        if (attempt < attempts) await delay(backoffMs(attempt, { baseMs: 100, capMs: 2_000 }));
      }
  }
}

/** One message of all, or of each half if that is too large: by their errors, acknowledgements differ by a factor of ten. */
function messagesOf(acks: readonly Ack[], most: number): string[] {
  const body = encodeAcks(acks);
  if (acks.length < 2 || Buffer.byteLength(body) <= most) return [body];
  const middle = Math.ceil(acks.length / 2);
  return [...messagesOf(acks.slice(0, middle), most), ...messagesOf(acks.slice(middle), most)];
}
