import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "moleculer";
import { type ConsumerMessages, type JetStreamManager, type JsMsg, millis, type NatsConnection } from "nats";
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
    this.#consuming?.stop();
    for (const message of this.#queue.splice(0)) message.nak();
    this.#wake.resolve();
    this.#look.resolve();
    await Promise.all(this.#running);
  }

  /** Lets go of what is in hand; call it when the last of it was acknowledged, or never will be. */
  close(): void {
    clearInterval(this.#working);
    this.#inHand.clear();
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopping;
    let fresh = true;
    let suspect: Fault | undefined;
    while (!signal.aborted) {
      try {
        const jsm = await guarded("JetStream", this.#nats.jetstreamManager({ checkAPI: false }));
        const fault = faultOf(this.#definition, await inspect(jsm, this.#definition));
        if (fault === undefined || (needsSecondLook(fault) && suspect !== fault)) {
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
      await this.#nextLook(this.#ready ? inspectionMs : 250);
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
    const consuming = await handle.consume({
      max_messages: this.#options.prefetch,
      expires: requestMs,
      abort_on_missing_resource: true,
      callback: (message) => {
        this.#queue.push(message);
        this.#wake.resolve();
        this.#wake = Promise.withResolvers();
      },
    });
    if (this.#stopping.signal.aborted) {
      // It stopped while this was begun.
      consuming.stop();
      for (const message of this.#queue.splice(0)) message.nak();
      return;
    }
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
