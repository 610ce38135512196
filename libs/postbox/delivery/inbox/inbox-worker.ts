import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "moleculer";
import type { JsMsg, NatsConnection } from "nats";
import { backoffMs } from "../../core/backoff/full-jitter.ts";
import { Intake, patienceMs } from "../../nats/intake/intake.ts";
import { mailboxOf } from "../../nats/mailbox/mailbox-definition.ts";
import { AckSender } from "../acks/ack-sender.ts";
import type { Ack } from "../wire/ack.ts";
import type { IncomingEvent } from "./events/incoming-event.ts";
import { readMessage } from "./events/read-pack.ts";
import type { IsolationLevel } from "./execution/batch-attempt.ts";
import { handleBatch } from "./execution/handle-batch.ts";
import type { InboxContext } from "./execution/inbox-context.ts";
import type { BatchResult } from "./execution/report.ts";
import { SharedLock } from "./execution/shared-lock.ts";
import { DueRunner } from "./stored/due-runner.ts";

/** Batches side by side: while one waits for its COMMIT, another runs its handlers. */
const loops = 2;

/** Broker messages, and bytes of them, that one batch takes at most; about 500 events of 350 bytes. */
const batchMessages = 500;
const batchBytes = 200_000;

/** Broker messages asked for ahead. */
const prefetch = 200;

/** Clean batches after a failure before batches are run as a whole again. */
const cleanBatches = 8;

/**
 * Reads a service's mailbox and runs its handlers.
 *
 * A batch is one transaction; after its COMMIT the broker is acked, and each publisher gets one message of
 * acknowledgements. No batch begins while an event runs that may end the process. A batch that cannot be committed (the database is away) stays in hand and is tried again for five
 * seconds; then it goes back to the broker with all that is queued, for another worker, until the database answers.
 *
 * It stops in this order: intake ends; what is queued is handled, for two seconds, and work in hand finishes or is rolled
 * back; acknowledgements are sent.
 */
export class InboxWorker {
  readonly #context: InboxContext;
  readonly #logger: Logger;
  readonly #intake: Intake;
  readonly #acks: AckSender;
  readonly #due: DueRunner;
  readonly #batches = new SharedLock();
  readonly #stopping = new AbortController();
  #careful = 0;
  /** Loops whose last batch could not be committed. */
  readonly #failing = new Set<number>();
  #running: Promise<void>[] = [];

  constructor(context: InboxContext, nats: NatsConnection, logger: Logger) {
    this.#context = context;
    this.#logger = logger;
    this.#acks = new AckSender(nats, context.service, logger);
    this.#due = new DueRunner(context, this.#acks, this.#batches, logger);
    this.#intake = new Intake(nats, mailboxOf(context.service), {
      prefetch,
      logger,
      onHeal: (fault) => context.metrics.healed(fault),
    });
  }

  /** Whether messages come in and batches commit. */
  get ready(): boolean {
    return this.#intake.ready && this.#failing.size === 0;
  }

  start(): void {
    this.#intake.start();
    this.#due.start();
    this.#running = Array.from({ length: loops }, (_, loop) => this.#run(loop));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#intake.stop();
    await Promise.all([...this.#running, this.#due.stop()]);
    this.#intake.close();
    await this.#acks.drain();
  }

  async #run(loop: number): Promise<void> {
    await this.#due.firstCheck;
    for (;;) {
      const messages = await this.#intake.take(batchMessages, batchBytes);
      if (messages.length === 0) return;
      const { events, refused } = this.#read(messages);
      const result = await this.#batches.shared(() => this.#handle(events, loop));
      if (result === undefined) {
        await this.#intake.rest(messages, () => this.#context.database.query({ text: "select 1" }));
        // The next batch tells more.
        this.#failing.delete(loop);
        continue;
      }
      this.#intake.ack(messages);
      for (const [source, acks] of [...result.acks, ...refused]) this.#acks.send(source, acks);
      if (result.due) this.#due.wake();
    }
  }

  /** Takes messages apart. What is refused is told to its publisher as dead, so that it is not sent again for ever. */
  #read(messages: readonly JsMsg[]): { events: IncomingEvent[]; refused: ReadonlyMap<string, readonly Ack[]> } {
    const refused = new Map<string, Ack[]>();
    const events = messages.flatMap((message) =>
      readMessage(message, this.#intake.isRedelivered(message), (error, event) => {
        this.#logger.error(`What came on '${message.subject}' was refused: ${String(error)}`);
        this.#context.metrics.handled("malformed", 1);
        if (event === undefined) return;
        const { source, id, generation } = event;
        const ack: Ack = { id, generation, status: "dead", attempts: 0, error: String(error) };
        refused.set(source, [...(refused.get(source) ?? []), ack]);
      }),
    );
    return { events, refused };
  }

  /** Tries until it commits. @returns undefined if it does not in time, or the worker stops before. */
  async #handle(events: readonly IncomingEvent[], loop: number): Promise<BatchResult | undefined> {
    const begin = performance.now();
    for (let failures = 1; ; failures++)
      try {
        const isolation: IsolationLevel = this.#careful > 0 ? "group" : "batch";
        const result = await handleBatch(this.#context, events, isolation);
        this.#careful = result.failed ? cleanBatches : Math.max(0, this.#careful - 1);
        this.#failing.delete(loop);
        return result;
      } catch (error) {
        this.#failing.add(loop);
        const ms = backoffMs(failures, { baseMs: 100, capMs: 5_000 });
        this.#logger.warn(`${events.length} events of ${this.#context.service} wait ${ms} ms: ${String(error)}`);
        await delay(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
        if (this.#stopping.signal.aborted || performance.now() - begin > patienceMs) return undefined;
      }
  }
}
