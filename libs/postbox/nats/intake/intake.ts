import { setTimeout as delay } from "node:timers/promises";
import { type ConsumerMessages, type JsMsg, millis, type NatsConnection } from "nats";
import { backoffMs } from "../../core/backoff/full-jitter.ts";
import { isBrokerError } from "../connection/api-errors.ts";
import { drainMessages } from "../connection/nats-internals.ts";
import { withTimeout } from "../connection/with-timeout.ts";
import { Reconciler, type ReconcilerOptions } from "../healing/reconciler.ts";
import { deliveredUntil } from "../mailbox/delivered-until.ts";
import type { Inspection } from "../mailbox/inspect.ts";
import type { MailboxDefinition } from "../mailbox/mailbox-definition.ts";

export interface IntakeOptions extends ReconcilerOptions {
  /** Messages that are requested ahead. */
  readonly prefetch: number;
}

/**
 * Milliseconds for which the broker keeps a request for messages. Until then, a frozen process or one whose connection
 * has gone silently still gets messages, and each of them is stuck for `ack_wait`.
 */
const requestMs = 5_000;

/** Milliseconds to wait for the broker at the end of consumption. */
const drainTimeoutMs = 1_000;

/**
 * Milliseconds after `stop` for which queued messages may still be taken. A message that goes back to the broker instead
 * is a possible poison message when it comes again, and runs alone.
 */
const takeAfterStopMs = 2_000;

/**
 * Milliseconds for which a consumer of the intake tries to handle messages before it calls `pause`. A database that
 * restarts is back by then. A message that goes back to the broker is a possible poison message when it comes again.
 */
export const retryBeforePauseMs = 5_000;

/**
 * Consumes the messages of one mailbox.
 *
 * Messages are queued as they come, and `take` returns what is there: no batch waits until it is full, as `fetch` would.
 * Until a message is acked or given back, the intake tells the broker every third of `ack_wait` that work goes on. The
 * `Reconciler` keeps the stream and its consumer in place.
 *
 * The broker hands out a bounded number of messages. A worker that cannot handle any would withhold them from all other
 * workers. So a worker whose database is away calls `pause`: the intake gives all messages back and requests none until
 * the database answers.
 */
export class Intake {
  readonly #nats: NatsConnection;
  readonly #definition: MailboxDefinition;
  readonly #prefetch: number;
  readonly #reconciler: Reconciler;
  readonly #queue: JsMsg[] = [];
  /** Taken, and neither acked nor given back. */
  readonly #taken = new Set<JsMsg>();
  readonly #redelivered = new WeakSet<JsMsg>();
  readonly #stopping = new AbortController();
  #arrival = Promise.withResolvers<void>();
  #consuming: ConsumerMessages | undefined;
  #draining = Promise.resolve();
  #pausing: Promise<void> | undefined;
  /** True: no further message comes. */
  #ended = false;
  #returnTimer: NodeJS.Timeout | undefined;
  #keepAliveTimer: NodeJS.Timeout | undefined;

  constructor(nats: NatsConnection, definition: MailboxDefinition, options: IntakeOptions) {
    this.#nats = nats;
    this.#definition = definition;
    this.#prefetch = options.prefetch;
    const consumption = {
      isActive: () => this.#consuming !== undefined,
      isPaused: () => this.#pausing !== undefined,
      begin: (mailbox: Inspection) => this.#consume(mailbox),
      drop: () => this.#drop(),
    };
    this.#reconciler = new Reconciler(nats, definition, consumption, options);
  }

  /** Whether the last check found or made the mailbox healthy, and messages are being consumed. */
  get ready(): boolean {
    return this.#reconciler.ready;
  }

  start(): void {
    this.#reconciler.start();
    this.#keepAliveTimer = setInterval(() => {
      for (const message of [...this.#queue, ...this.#taken]) message.working();
    }, millis(this.#definition.consumer.ack_wait) / 3);
  }

  /**
   * Takes the queued messages, after waiting for the first. An empty array means that the intake has ended.
   *
   * @param maxBytes of payload, about: the message that reaches the limit is taken too.
   */
  async take(maxMessages: number, maxBytes = Number.POSITIVE_INFINITY): Promise<JsMsg[]> {
    while (this.#queue.length === 0 || this.#pausing !== undefined) {
      if (this.#ended) return [];
      await this.#arrival.promise;
    }
    let count = 0;
    for (let bytes = 0; count < Math.min(maxMessages, this.#queue.length) && bytes < maxBytes; count++)
      bytes += this.#queue[count]?.data.length ?? 0;
    const taken = this.#queue.splice(0, count);
    for (const message of taken) this.#taken.add(message);
    return taken;
  }

  /** Whether a message was delivered before, to any worker. */
  isRedelivered(message: JsMsg): boolean {
    return this.#redelivered.has(message);
  }

  /** Tells the broker that the messages are handled. */
  ack(messages: readonly JsMsg[]): void {
    for (const message of messages) {
      this.#taken.delete(message);
      message.ack();
    }
  }

  /** Gives messages back to the broker, which delivers them again. */
  release(messages: readonly JsMsg[]): void {
    for (const message of messages) {
      this.#taken.delete(message);
      message.nak();
    }
  }

  /** Ends consumption. Queued messages may still be taken for two seconds; taken ones are kept alive until `close`. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#reconciler.stop(), this.#drain()]);
    this.#ended = true;
    this.#arrival.resolve();
    this.#returnTimer = setTimeout(() => this.#returnQueue(), takeAfterStopMs);
  }

  /**
   * Gives back `messages` and all queued ones, and consumes none until `probe` resolves or the intake stops.
   *
   * @param probe tried with backoff; rejects while messages cannot be handled.
   */
  async pause(messages: readonly JsMsg[], probe: () => Promise<unknown>): Promise<void> {
    this.#pausing ??= this.#pauseUntil(probe).finally(() => {
      this.#pausing = undefined;
      this.#reconciler.wake();
    });
    await this.#draining;
    this.release(messages);
    await this.#pausing;
  }

  /** Stops keeping taken messages alive. Call it once each of them was acked, or never will be. */
  close(): void {
    clearTimeout(this.#returnTimer);
    clearInterval(this.#keepAliveTimer);
    this.#returnQueue();
    this.#taken.clear();
  }

  async #pauseUntil(probe: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#stopping;
    await this.#drain();
    this.#returnQueue();
    for (let attempt = 1, passed = false; !passed && !signal.aborted; attempt++) {
      const ms = backoffMs(attempt, { baseMs: 1_000, capMs: 5_000 });
      await delay(ms, undefined, { signal }).catch(() => undefined);
      passed = await probe().then(
        () => true,
        () => false,
      );
    }
  }

  /** Gives the queued messages back. Call it while nothing is consumed, or they return at once. */
  #returnQueue(): void {
    this.release(this.#queue.splice(0));
  }

  /** Whether nothing may be consumed. */
  get #isHalted(): boolean {
    return this.#stopping.signal.aborted || this.#pausing !== undefined;
  }

  async #consume(mailbox: Inspection): Promise<void> {
    const delivered = deliveredUntil(mailbox);
    const { stream, consumer } = this.#definition;
    const handle = await withTimeout(
      "consumer",
      this.#nats.jetstream().consumers.get(stream.name, consumer.durable_name),
    );
    if (this.#isHalted) return;
    const consuming = await handle.consume({
      max_messages: this.#prefetch,
      expires: requestMs,
      abort_on_missing_resource: true,
      callback: (message) => {
        if (message.redelivered || message.seq <= delivered) this.#redelivered.add(message);
        this.#queue.push(message);
        this.#arrival.resolve();
        this.#arrival = Promise.withResolvers();
      },
    });
    this.#consuming = consuming;
    void consuming.closed().then(() => {
      if (this.#consuming !== consuming) return;
      this.#consuming = undefined;
      this.#reconciler.wake();
    });
    // `stop` or `pause` may have been called while consumption began.
    if (!this.#isHalted) return;
    await this.#drain();
    this.#returnQueue();
  }

  /** Ends consumption, if there is any. Messages that come until then are queued. */
  #drain(): Promise<void> {
    const consuming = this.#consuming;
    this.#consuming = undefined;
    if (consuming) this.#draining = this.#end(consuming);
    return this.#draining;
  }

  /**
   * Drains the subscription instead of dropping it: messages under way would be stuck until `ack_wait`.
   *
   * The broker still holds requests of this subscription. A nats-server before 2.10.14 that redelivers a message to such a
   * request, whose subscription is gone, counts the message as delivered, and it is stuck as well. Asked for the
   * consumer's info, that server drops such requests. So the info is asked for at once, and no further request is sent.
   */
  async #end(consuming: ConsumerMessages): Promise<void> {
    const { stream, consumer } = this.#definition;
    const drain = async () => {
      const jsm = await this.#nats.jetstreamManager({ checkAPI: false });
      await Promise.all([drainMessages(consuming), jsm.consumers.info(stream.name, consumer.durable_name)]);
    };
    try {
      await withTimeout("the end of consumption", drain(), drainTimeoutMs);
    } catch (error) {
      // A broker that is away has nothing to drain: it delivers again what was not acked.
      if (!isBrokerError(error)) throw error;
    } finally {
      consuming.stop();
    }
  }

  /** Ends consumption at once, without draining: its stream or consumer is gone, or is about to be changed. */
  #drop(): void {
    this.#consuming?.stop();
    this.#consuming = undefined;
  }
}
