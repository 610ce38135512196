import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "moleculer";
import type { JsMsg, NatsConnection } from "nats";
import { backoffMs } from "../../core/backoff/full-jitter.ts";
import { Intake, patienceMs } from "../../nats/intake/intake.ts";
import { acksOf } from "../../nats/mailbox/mailbox-definition.ts";
import type { Database } from "../../postgres/database.ts";
import { indexScansOnly } from "../../postgres/transaction/index-scans.ts";
import type { DeliveryMetrics } from "../metrics/delivery-metrics.ts";
import { settle } from "../outbox/settle.ts";
import { type Ack, ackStatuses, decodeAcks } from "../wire/ack.ts";

/** Messages taken at once. */
const batch = 50;

/** Takes what subscribers acknowledge and settles the outbox with it, as many messages a transaction as there are. */
export class AckCollector {
  readonly #database: Database;
  readonly #intake: Intake;
  readonly #logger: Logger;
  readonly #metrics: DeliveryMetrics;
  readonly #stopping = new AbortController();
  #failing = false;
  #running: Promise<void> | undefined;

  constructor(service: string, database: Database, nats: NatsConnection, logger: Logger, metrics: DeliveryMetrics) {
    this.#database = database;
    this.#logger = logger;
    this.#metrics = metrics;
    this.#intake = new Intake(nats, acksOf(service), {
      prefetch: 4 * batch,
      logger,
      onHeal: (fault) => metrics.healed(fault),
    });
  }

  /** Whether acknowledgements come in and are written. */
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
      const messages = await this.#intake.take(batch);
      if (messages.length === 0) return;
      if (await this.#writeInTime(this.#read(messages))) this.#intake.ack(messages);
      else await this.#intake.rest(messages, () => this.#database.query({ text: "select 1" }));
      this.#failing = false;
    }
  }

  /** Tries until they are written. @returns false if they are not in time, or it stops before. */
  async #writeInTime(acks: ReadonlyMap<string, readonly Ack[]>): Promise<boolean> {
    const begin = performance.now();
    for (let failures = 1; !(await this.#write(acks)); failures++) {
      this.#failing = true;
      if (this.#stopping.signal.aborted || performance.now() - begin > patienceMs) return false;
      const ms = backoffMs(failures, { baseMs: 100, capMs: 5_000 });
      await delay(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
    return true;
  }

  /** The acknowledgements of all messages by subscriber, which the broker's subject permissions vouch for. */
  #read(messages: readonly JsMsg[]): Map<string, Ack[]> {
    const bySubscriber = new Map<string, Map<string, Ack>>();
    for (const message of messages) {
      const subscriber = message.subject.split(".")[2] ?? "";
      const known = bySubscriber.get(subscriber) ?? new Map<string, Ack>();
      bySubscriber.set(subscriber, known);
      try {
        for (const ack of decodeAcks(message.string())) known.set(ack.id, stronger(known.get(ack.id), ack));
      } catch (error) {
        this.#logger.error(`A message of acknowledgements from '${subscriber}' was refused: ${String(error)}`);
        this.#metrics.acked("malformed", 1);
      }
    }
    return new Map([...bySubscriber].map(([subscriber, acks]) => [subscriber, [...acks.values()]]));
  }

  /** @returns whether it committed. */
  async #write(acks: ReadonlyMap<string, readonly Ack[]>): Promise<boolean> {
    const begin = performance.now();
    try {
      await this.#database.transaction(
        (tx) => Promise.all([...acks].map(([subscriber, list]) => settle(tx, subscriber, list))),
        // A settlement that is lost is asked for again, so its COMMIT need not wait for the disk.
        { synchronous_commit: "off", ...indexScansOnly },
      );
    } catch (error) {
      this.#logger.warn(`Acknowledgements could not be written: ${String(error)}`);
      return false;
    }
    this.#metrics.ackBatch((performance.now() - begin) / 1000);
    for (const list of acks.values())
      for (const status of ackStatuses) this.#metrics.acked(status, list.filter((ack) => ack.status === status).length);
    return true;
  }
}

/** Of two answers about one event, the one of the later generation, and then the more final. */
function stronger(a: Ack | undefined, b: Ack): Ack {
  if (a === undefined || b.generation > a.generation) return b;
  if (b.generation < a.generation) return a;
  return ackStatuses.indexOf(b.status) < ackStatuses.indexOf(a.status) ? b : a;
}
