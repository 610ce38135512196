import { setTimeout as delay } from "node:timers/promises";
import { type ConsumerMessages, type JsMsg, millis, type NatsConnection, type Subscription } from "nats";
import { backoffMs } from "../../core/backoff/full-jitter.ts";
import { withTimeout } from "../connection/with-timeout.ts";
import { Reconciler, type ReconcilerOptions } from "../healing/reconciler.ts";
import { deliveredUntil } from "../mailbox/delivered-until.ts";
import type { Inspection } from "../mailbox/inspect.ts";
import type { MailboxDefinition } from "../mailbox/mailbox-definition.ts";

export interface IntakeOptions extends ReconcilerOptions {
  /** Broker messages asked for ahead. */
  readonly prefetch: number;
}

/**
 * Milliseconds for which the broker keeps a request for messages. One whose connection is gone without a word, or whose
 * process is frozen, takes messages until then, and each waits for `ack_wait`.
 */
const requestMs = 5_000;

/** Milliseconds that the end of consuming waits for a broker that does not answer. */
const leaveMs = 1_000;

/**
 * Milliseconds for which an intake that has ended still gives what is queued. What goes back to the broker instead is a
 * suspect when it comes again, and runs slowly.
 */
const lastMs = 2_000;

/**
 * Milliseconds for which those who take messages try to get rid of them before they let others have them. A database
 * that restarts is back by then: what is given back counts as a suspect when it comes again.
 */
export const patienceMs = 5_000;

/**
 * What comes out of one stream.
 *
 * Messages queue up as they come and `take` gives what is there, so that no batch waits to be full (`fetch` waits
 * for its whole batch or its expiry). While a message is in hand, the broker is told so every third of `ack_wait`. What
 * keeps a stream there to take from is the `Reconciler`.
 *
 * The broker hands out a bounded number of messages, so that one who cannot get rid of them keeps them from all others:
 * it gives back what it has and rests.
 */
export class Intake {
  readonly #nats: NatsConnection;
  readonly #definition: MailboxDefinition;
  readonly #prefetch: number;
  readonly #reconciler: Reconciler;
  readonly #queue: JsMsg[] = [];
  readonly #inHand = new Set<JsMsg>();
  readonly #redelivered = new WeakSet<JsMsg>();
  readonly #stopping = new AbortController();
  #wake = Promise.withResolvers<void>();
  #consuming: ConsumerMessages | undefined;
  #leaving = Promise.resolve();
  #resting: Promise<void> | undefined;
  /** Nothing comes any more. */
  #over = false;
  #last: NodeJS.Timeout | undefined;
  #working: NodeJS.Timeout | undefined;

  constructor(nats: NatsConnection, definition: MailboxDefinition, options: IntakeOptions) {
    this.#nats = nats;
    this.#definition = definition;
    this.#prefetch = options.prefetch;
    const consumption = {
      isActive: () => this.#consuming !== undefined,
      isResting: () => this.#resting !== undefined,
      begin: (found: Inspection) => this.#consume(found),
      drop: () => this.#drop(),
    };
    this.#reconciler = new Reconciler(nats, definition, consumption, options);
  }

  /** Whether the stream and its consumer were there at the last look and messages are being consumed. */
  get ready(): boolean {
    return this.#reconciler.ready;
  }

  start(): void {
    this.#reconciler.start();
    this.#working = setInterval(() => {
      for (const message of [...this.#queue, ...this.#inHand]) message.working();
    }, millis(this.#definition.consumer.ack_wait) / 3);
  }

  /**
   * What is there, at most `most` messages and about `bytes` of payload, waiting for the first; none once it has ended
   * and nothing is left.
   */
  async take(most: number, bytes = Number.POSITIVE_INFINITY): Promise<JsMsg[]> {
    while (this.#queue.length === 0 || this.#resting !== undefined) {
      if (this.#over) return [];
      await this.#wake.promise;
    }
    let count = 0;
    for (let size = 0; count < Math.min(most, this.#queue.length) && size < bytes; count++)
      size += this.#queue[count]?.data.length ?? 0;
    const taken = this.#queue.splice(0, count);
    for (const message of taken) this.#inHand.add(message);
    return taken;
  }

  /** Whether a message was delivered before, perhaps to one who is not there any more. */
  isRedelivered(message: JsMsg): boolean {
    return this.#redelivered.has(message);
  }

  /** Tells the broker that these are done. */
  ack(messages: readonly JsMsg[]): void {
    for (const message of messages) {
      this.#inHand.delete(message);
      message.ack();
    }
  }

  /** Gives these back to the broker: they were not done. */
  release(messages: readonly JsMsg[]): void {
    for (const message of messages) {
      this.#inHand.delete(message);
      message.nak();
    }
  }

  /** Ends the intake. What is queued may still be taken for two seconds, then it goes back. What is in hand is kept alive. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#reconciler.stop(), this.#leave()]);
    this.#over = true;
    this.#wake.resolve();
    this.#last = setTimeout(() => this.#returnQueue(), lastMs);
  }

  /** Gives back these and all that is queued, and takes no more until `works` resolves or the intake stops. */
  async rest(messages: readonly JsMsg[], works: () => Promise<unknown>): Promise<void> {
    this.#resting ??= this.#restUntil(works).finally(() => {
      this.#resting = undefined;
      this.#reconciler.wake();
    });
    await this.#leaving;
    this.release(messages);
    await this.#resting;
  }

  /** Lets go of what is in hand; call it when the last of it was acknowledged, or never will be. */
  close(): void {
    clearTimeout(this.#last);
    clearInterval(this.#working);
    this.#returnQueue();
    this.#inHand.clear();
  }

  async #restUntil(works: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#stopping;
    await this.#leave();
    this.#returnQueue();
    for (let tries = 1, rested = false; !rested && !signal.aborted; tries++) {
      const ms = backoffMs(tries, { baseMs: 1_000, capMs: 5_000 });
      await delay(ms, undefined, { signal }).catch(() => undefined);
      rested = await works().then(
        () => true,
        () => false,
      );
    }
  }

  /** Gives back what is queued. Call it when nothing is consumed: it would come back here. */
  #returnQueue(): void {
    this.release(this.#queue.splice(0));
  }

  /** Whether nothing is to be taken. */
  get #halted(): boolean {
    return this.#stopping.signal.aborted || this.#resting !== undefined;
  }

  async #consume(found: Inspection): Promise<void> {
    const delivered = deliveredUntil(found);
    const { stream, consumer } = this.#definition;
    const handle = await withTimeout(
      "consumer",
      this.#nats.jetstream().consumers.get(stream.name, consumer.durable_name),
    );
    if (this.#halted) return;
    const consuming = await handle.consume({
      max_messages: this.#prefetch,
      expires: requestMs,
      abort_on_missing_resource: true,
      callback: (message) => {
        if (message.redelivered || message.seq <= delivered) this.#redelivered.add(message);
        this.#queue.push(message);
        this.#wake.resolve();
        this.#wake = Promise.withResolvers();
      },
    });
    this.#consuming = consuming;
    void consuming.closed().then(() => {
      if (this.#consuming !== consuming) return;
      this.#consuming = undefined;
      this.#reconciler.wake();
    });
    // It came to a halt while this was begun.
    if (!this.#halted) return;
    await this.#leave();
    this.#returnQueue();
  }

  /** Ends consuming, if something is consumed; what comes until the end is queued. */
  #leave(): Promise<void> {
    const consuming = this.#consuming;
    this.#consuming = undefined;
    if (consuming) this.#leaving = this.#end(consuming);
    return this.#leaving;
  }

  /**
   * What the broker has sent until it hears of the end still comes in: a subscription that is merely dropped would leave
   * that in nobody's hand until `ack_wait`.
   *
   * The broker still has requests of this one. A nats-server before 2.10.14 that has something to deliver again, and
   * finds nobody behind a request, takes it for delivered: that too would be in nobody's hand. Asked for the consumer, it
   * drops such requests; so it is asked at once, and gets no further ones.
   */
  async #end(consuming: ConsumerMessages): Promise<void> {
    const { stream, consumer } = this.#definition;
    const end = async () => {
      const jsm = await this.#nats.jetstreamManager({ checkAPI: false });
      const subscription: Subscription = Reflect.get(consuming, "sub");
      Reflect.set(consuming, "pull", () => undefined);
      await Promise.all([subscription.drain(), jsm.consumers.info(stream.name, consumer.durable_name)]);
    };
    await withTimeout("the end of the intake", end(), leaveMs).catch(() => undefined);
    consuming.stop();
  }

  /** Ends consuming from what is not there any more, or not as it was. */
  #drop(): void {
    this.#consuming?.stop();
    this.#consuming = undefined;
  }
}
