import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "moleculer";
import {
  type ConsumerMessages,
  type JetStreamManager,
  type JsMsg,
  millis,
  type NatsConnection,
  type Subscription,
} from "nats";
import { backoffMs } from "../backoff/full-jitter.ts";
import { guarded } from "./guard.ts";
import { type Fault, faultOf, inspect, needsSecondLook } from "./inspect.ts";
import type { MailboxDefinition } from "./mailbox-definition.ts";
import { repair } from "./repair.ts";

export interface IntakeOptions {
  /** Broker messages asked for ahead. */
  readonly prefetch: number;
  readonly logger: Logger;
  /** Told of every fault that was found and mended. */
  readonly onHeal: (fault: Fault) => void;
}

/**
 * Milliseconds for which the broker keeps a request for messages. One whose connection is gone without a word, or whose
 * process is frozen, takes messages until then, and each waits for `ack_wait`.
 */
const requestMs = 5_000;

/** Milliseconds that the end of consuming waits for a broker that does not answer. */
const leaveMs = 1_000;

/**
 * Milliseconds for which those who take messages try to get rid of them before they let others have them. A database
 * that restarts is back by then: what is given back counts as a suspect when it comes again.
 */
export const patienceMs = 5_000;

/** Milliseconds between two looks at the stream and its consumer. */
const inspectionMs = 2_000;

/**
 * What comes out of one stream.
 *
 * Messages queue up as they come and `take` gives what is there, so that no batch waits to be full (`fetch` waits
 * for its whole batch or its expiry). While a message is in hand, the broker is told so every third of `ack_wait`.
 *
 * A lost stream or consumer is noticed in three ways: `consume` ends, the connection comes back, or a look every two
 * seconds finds a fault. In each case the fault is mended and consuming begins anew.
 *
 * The broker hands out a bounded number of messages, so that one who cannot get rid of them keeps them from all others:
 * it gives back what it has and rests.
 */
export class Intake {
  readonly #nats: NatsConnection;
  readonly #definition: MailboxDefinition;
  readonly #options: IntakeOptions;
  readonly #queue: JsMsg[] = [];
  readonly #inHand = new Set<JsMsg>();
  readonly #stopping = new AbortController();
  #wake = Promise.withResolvers<void>();
  #look = Promise.withResolvers<void>();
  #consuming: ConsumerMessages | undefined;
  #resting: Promise<void> | undefined;
  #ready = false;
  #running: Promise<void>[] = [];
  #working: NodeJS.Timeout | undefined;

  constructor(nats: NatsConnection, definition: MailboxDefinition, options: IntakeOptions) {
    this.#nats = nats;
    this.#definition = definition;
    this.#options = options;
  }

  /** Whether the stream and its consumer were there at the last look and messages are being consumed. */
  get ready(): boolean {
    return this.#ready;
  }

  start(): void {
    this.#running = [this.#watchConnection(), this.#keep()];
    this.#working = setInterval(() => {
      for (const message of [...this.#queue, ...this.#inHand]) message.working();
    }, millis(this.#definition.consumer.ack_wait) / 3);
  }

  /**
   * What is there, at most `most` messages and about `bytes` of payload, waiting for the first; none once it is
   * stopping.
   */
  async take(most: number, bytes = Number.POSITIVE_INFINITY): Promise<JsMsg[]> {
    while (this.#queue.length === 0) {
      if (this.#stopping.signal.aborted) return [];
      await this.#wake.promise;
    }
    let count = 0;
    for (let size = 0; count < Math.min(most, this.#queue.length) && size < bytes; count++)
      size += this.#queue[count]?.data.length ?? 0;
    const taken = this.#queue.splice(0, count);
    for (const message of taken) this.#inHand.add(message);
    return taken;
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

  /** Ends the intake; what was queued and not taken goes back to the broker at once. What is in hand is kept alive. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.resolve();
    this.#look.resolve();
    await this.#empty();
    await Promise.all(this.#running);
  }

  /** Gives back these and all that is queued, and takes no more until `works` resolves or the intake stops. */
  async rest(messages: readonly JsMsg[], works: () => Promise<unknown>): Promise<void> {
    this.#resting ??= this.#restUntil(works).finally(() => {
      this.#resting = undefined;
      this.#look.resolve();
    });
    // What is given back before consuming has ended comes back here.
    await this.#empty();
    this.release(messages);
    await this.#resting;
  }

  /** Lets go of what is in hand; call it when the last of it was acknowledged, or never will be. */
  close(): void {
    clearInterval(this.#working);
    this.#inHand.clear();
  }

  async #restUntil(works: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#stopping;
    for (let tries = 1, rested = false; !rested && !signal.aborted; tries++) {
      const ms = backoffMs(tries, { baseMs: 1_000, capMs: 5_000 });
      await delay(ms, undefined, { signal }).catch(() => undefined);
      rested = await works().then(
        () => true,
        () => false,
      );
    }
  }

  /** Ends consuming and gives back what is queued. */
  async #empty(): Promise<void> {
    const consuming = this.#consuming;
    this.#consuming = undefined;
    this.#ready = false;
    for (const message of this.#queue.splice(0)) message.nak();
    if (consuming) await leave(consuming);
  }

  /** Whether nothing is to be taken. */
  get #halted(): boolean {
    return this.#stopping.signal.aborted || this.#resting !== undefined;
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopping;
    let fresh = true;
    let suspect: Fault | undefined;
    while (!signal.aborted) {
      try {
        const jsm = await guarded("JetStream", this.#nats.jetstreamManager({ checkAPI: false }));
        const fault = faultOf(this.#definition, await inspect(jsm, this.#definition));
        // Only the newest start applies its figures: two releases would change them to and fro.
        const passes = fault === "outdated" ? !fresh : fault && needsSecondLook(fault) && suspect !== fault;
        if (fault === undefined || passes) {
          if (this.#consuming === undefined) await this.#consume();
        } else await this.#heal(jsm, fault, fresh);
        suspect = fault;
        fresh = false;
        this.#ready = this.#consuming !== undefined;
      } catch (error) {
        this.#ready = false;
        if (!signal.aborted)
          this.#options.logger.warn(`Stream ${this.#definition.stream.name} is not reachable: ${String(error)}`);
      }
      await this.#nextLook(this.#ready || this.#resting ? inspectionMs : 250);
    }
  }

  async #heal(jsm: JetStreamManager, fault: Fault, fresh: boolean): Promise<void> {
    this.#consuming?.stop();
    this.#consuming = undefined;
    await repair(jsm, this.#definition, fault, { fresh });
    if (!fresh || (fault !== "stream-missing" && fault !== "consumer-missing")) {
      this.#options.logger.warn(`Stream ${this.#definition.stream.name} was healed of '${fault}'`);
      this.#options.onHeal(fault);
    }
    await this.#consume();
  }

  async #consume(): Promise<void> {
    const { stream, consumer } = this.#definition;
    const handle = await guarded("consumer", this.#nats.jetstream().consumers.get(stream.name, consumer.durable_name));
    if (this.#halted) return;
    const consuming = await handle.consume({
      max_messages: this.#options.prefetch,
      expires: requestMs,
      abort_on_missing_resource: true,
      callback: (message) => {
        if (this.#halted) return message.nak();
        this.#queue.push(message);
        this.#wake.resolve();
        this.#wake = Promise.withResolvers();
      },
    });
    // It came to a halt while this was begun.
    if (this.#halted) return leave(consuming);
    this.#consuming = consuming;
    void consuming.closed().then(() => {
      if (this.#consuming !== consuming) return;
      this.#consuming = undefined;
      this.#ready = false;
      this.#look.resolve();
    });
  }

  /** Waits for the next look: after `ms`, or when something has happened. */
  async #nextLook(ms: number): Promise<void> {
    this.#look = Promise.withResolvers();
    const early = new AbortController();
    await Promise.race([this.#look.promise, delay(ms, undefined, { signal: early.signal }).catch(() => undefined)]);
    early.abort();
  }

  async #watchConnection(): Promise<void> {
    const states = this.#nats.status();
    this.#stopping.signal.addEventListener("abort", () => Reflect.apply(Reflect.get(states, "stop"), states, []));
    for await (const { type } of states) if (type === "reconnect") this.#look.resolve();
  }
}

/**
 * Ends consuming. What the broker has sent until it hears of it still comes in: a subscription that is merely dropped
 * would leave that in nobody's hand until `ack_wait`.
 */
async function leave(consuming: ConsumerMessages): Promise<void> {
  const subscription: Subscription = Reflect.get(consuming, "sub");
  await guarded("the end of the intake", subscription.drain(), leaveMs).catch(() => undefined);
  consuming.stop();
}
