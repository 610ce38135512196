import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "moleculer";
import type { JsMsg, NatsConnection } from "nats";
import { backoffMs } from "../../core/backoff/full-jitter.ts";
import { Intake, retryBeforePauseMs } from "../../nats/intake/intake.ts";
import { acksOf } from "../../nats/mailbox/mailbox-definition.ts";
import type { Database } from "../../postgres/database.ts";
import { indexScansOnly } from "../../postgres/transaction/index-scans.ts";
import type { EventSteps } from "../log/event-steps.ts";
import type { DeliveryMetrics } from "../metrics/delivery-metrics.ts";
import { settle } from "../outbox/settle.ts";
import { type Ack, ackStatuses, decodeAcks } from "../wire/ack.ts";

/** Messages of one transaction at most. */
const batchSize = 50;

/**
 * Takes the acknowledgements of subscribers from the ack stream and settles the outbox by them. One transaction takes
 * all messages that have come, up to `batchSize`.
 */
export class AckCollector {
  readonly #database: Database;
  readonly #intake: Intake;
  readonly #logger: Logger;
  readonly #metrics: DeliveryMetrics;
  readonly #steps: EventSteps | undefined;
  readonly #stopping = new AbortController();
  #failing = false;
  #running: Promise<void> | undefined;

  /** @param steps logs events that are acknowledged. Default: nothing is logged. */
  constructor(
    service: string,
    database: Database,
    nats: NatsConnection,
    logger: Logger,
    metrics: DeliveryMetrics,
    steps?: EventSteps,
  ) {
    this.#steps = steps;
    this.#database = database.as("relay");
    this.#logger = logger;
    this.#metrics = metrics;
    this.#intake = new Intake(nats, acksOf(service), {
      prefetch: 4 * batchSize,
      logger,
      onHeal: (fault) => metrics.healed(fault),
    });
  }

  /** Whether the ack stream is consumed and the last batch was written. */
  get ready(): boolean {
    return this.#intake.ready && !this.#failing;
  }

  start(): void {
    this.#intake.start();
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#intake.stop();
    await this.#running;
    this.#intake.close();
  }

  async #run(): Promise<void> {
    for (;;) {
      const messages = await this.#intake.take(batchSize);
      if (messages.length === 0) return;
      if (await this.#writeInTime(this.#read(messages))) this.#intake.ack(messages);
      else await this.#intake.pause(messages, () => this.#database.check());
      this.#failing = false;
    }
  }

  /**
   * Repeats the write with backoff.
   *
   * @returns false if it has not committed when the time is over or the collector stops.
   */
  async #writeInTime(acks: ReadonlyMap<string, readonly Ack[]>): Promise<boolean> {
    const begin = performance.now();
    for (let failures = 1; !(await this.#write(acks)); failures++) {
      this.#failing = true;
      if (this.#stopping.signal.aborted || performance.now() - begin > retryBeforePauseMs) return false;
      const ms = backoffMs(failures, { baseMs: 100, capMs: 5_000 });
      await delay(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
    return true;
  }

  /**
   * The acknowledgements of all messages, by subscriber. The subject names the subscriber: the broker lets no service
   * publish under the name of another.
   */
  #read(messages: readonly JsMsg[]): Map<string, Ack[]> {
    const bySubscriber = new Map<string, Map<string, Ack>>();
    for (const message of messages) {
      const subscriber = message.subject.split(".")[2] ?? "";
      const acks = bySubscriber.get(subscriber) ?? new Map<string, Ack>();
      bySubscriber.set(subscriber, acks);
      try {
        for (const ack of decodeAcks(message.string())) acks.set(ack.id, moreFinal(acks.get(ack.id), ack));
      } catch (error) {
        this.#logger.error(
          `A malformed message of acknowledgements from '${subscriber}' was refused: ${String(error)}`,
        );
        this.#metrics.acked("malformed", 1);
      }
    }
    return new Map([...bySubscriber].map(([subscriber, acks]) => [subscriber, [...acks.values()]]));
  }

  /** @returns whether the transaction has committed. */
  async #write(acks: ReadonlyMap<string, readonly Ack[]>): Promise<boolean> {
    const begin = performance.now();
    try {
      await this.#database.transaction(
        (tx) => Promise.all([...acks].map(([subscriber, list]) => settle(tx, subscriber, list))),
        // COMMIT does not wait for the disk: for a row whose settlement is lost, the subscriber is asked again.
        { synchronous_commit: "off", ...indexScansOnly },
      );
    } catch (error) {
      this.#logger.warn(`Acknowledgements could not be written: ${String(error)}`);
      return false;
    }
    this.#metrics.ackBatch((performance.now() - begin) / 1000);
    for (const [subscriber, list] of acks) this.#steps?.acknowledged(subscriber, list);
    for (const list of acks.values())
      for (const status of ackStatuses) this.#metrics.acked(status, list.filter((ack) => ack.status === status).length);
    return true;
  }
}

/** Of two answers about one event: the one of the later generation, else the more final one. */
function moreFinal(a: Ack | undefined, b: Ack): Ack {
  if (a === undefined || b.generation > a.generation) return b;
  if (b.generation < a.generation) return a;
  return ackStatuses.indexOf(b.status) < ackStatuses.indexOf(a.status) ? b : a;
}
