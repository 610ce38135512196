import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "moleculer";
import type { JsMsg, NatsConnection } from "nats";
import { backoffMs } from "../../core/backoff/full-jitter.ts";
import { Intake, retryBeforePauseMs } from "../../nats/intake/intake.ts";
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

/** Loops that handle batches side by side: while one waits for its COMMIT, another runs its handlers. */
const loops = 2;

/** Packs that one batch takes at most. */
const maxBatchMessages = 500;

/** Bytes of packs that one batch takes at most: about 500 events of 350 bytes. */
const maxBatchBytes = 200_000;

/** Packs that are requested from the broker ahead. */
const prefetch = 200;

/** Batches that run at level `group` after one with a failure. */
const isolatedBatches = 8;

/**
 * Reads a service's mailbox and runs its handlers.
 *
 * A batch is one transaction. After its COMMIT the broker gets its acks, and each publisher one message of
 * acknowledgements. No batch begins while possible poison runs.
 *
 * A batch that cannot be committed, because the database is away, is tried again for `retryBeforePauseMs`. Then it goes
 * back to the broker with all queued messages, for another worker, and this one takes none until its database answers.
 *
 * A stop has three steps. The intake takes no more from the broker and hands out what is queued, for two seconds.
 * Batches and stored events end or are rolled back. The acknowledgements are sent.
 */
export class InboxWorker {
  readonly #context: InboxContext;
  readonly #logger: Logger;
  readonly #intake: Intake;
  readonly #acks: AckSender;
  readonly #due: DueRunner;
  readonly #batches = new SharedLock();
  readonly #stopping = new AbortController();
  /** Batches that still run at level `group`. */
  #isolated = 0;
  /** Loops whose last batch could not be committed. */
  readonly #failing = new Set<number>();
  #running: Promise<void>[] = [];

  constructor(context: InboxContext, nats: NatsConnection, logger: Logger) {
    this.#context = { ...context, database: context.database.as("batch") };
    this.#logger = logger;
    this.#acks = new AckSender(nats, context.service, logger);
    this.#due = new DueRunner(this.#context, this.#acks, this.#batches, logger);
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
    this.#running = Array.from({ length: loops }, (_, loop) => this.#runLoop(loop));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#intake.stop();
    await Promise.all([...this.#running, this.#due.stop()]);
    this.#intake.close();
    await this.#acks.drain();
  }

  async #runLoop(loop: number): Promise<void> {
    await this.#due.firstCheck;
    for (;;) {
      const messages = await this.#intake.take(maxBatchMessages, maxBatchBytes);
      if (messages.length === 0) return;
      const { events, refused } = this.#read(messages);
      this.#context.steps?.arrived(events);
      const result = await this.#batches.shared(() => this.#handle(events, loop));
      if (result === undefined) {
        await this.#intake.pause(messages, () => this.#context.database.check());
        // The database answers again, so the loop counts as failing no longer.
        this.#failing.delete(loop);
        continue;
      }
      this.#intake.ack(messages);
      for (const [source, acks] of [...result.acks, ...refused]) this.#acks.send(source, acks);
      if (result.due) this.#due.wake();
    }
  }

  /** Reads packs. A refused event is acknowledged as dead, so that its publisher does not send it again for ever. */
  #read(messages: readonly JsMsg[]): { events: IncomingEvent[]; refused: ReadonlyMap<string, readonly Ack[]> } {
    const refused = new Map<string, Ack[]>();
    const events = messages.flatMap((message) =>
      readMessage(message, this.#intake.isRedelivered(message), (error, event) => {
        const what = event === undefined ? "A message" : `Event ${event.id}`;
        this.#logger.error(`${what} on '${message.subject}' was refused: ${String(error)}`);
        this.#context.metrics.handled("malformed", 1);
        if (event === undefined) return;
        const { source, id, generation } = event;
        const ack: Ack = { id, generation, status: "dead", attempts: 0, error: String(error) };
        refused.set(source, [...(refused.get(source) ?? []), ack]);
      }),
    );
    return { events, refused };
  }

  /**
   * Tries until the batch commits. @returns undefined if it does not within `retryBeforePauseMs`, or the worker stops.
   */
  async #handle(events: readonly IncomingEvent[], loop: number): Promise<BatchResult | undefined> {
    const begin = performance.now();
    for (let failures = 1; ; failures++)
      try {
        const isolation: IsolationLevel = this.#isolated > 0 ? "group" : "batch";
        const result = await handleBatch(this.#context, events, isolation);
        this.#isolated = result.failed ? isolatedBatches : Math.max(0, this.#isolated - 1);
        this.#failing.delete(loop);
        return result;
      } catch (error) {
        this.#failing.add(loop);
        const ms = backoffMs(failures, { baseMs: 100, capMs: 5_000 });
        this.#logger.warn(`${events.length} events of ${this.#context.service} wait ${ms} ms: ${String(error)}`);
        await delay(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
        if (this.#stopping.signal.aborted || performance.now() - begin > retryBeforePauseMs) return undefined;
      }
  }
}
