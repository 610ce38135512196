import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "moleculer";
import type { NatsConnection } from "nats";
import { backoffMs } from "../../core/backoff/full-jitter.ts";
import { withTimeout } from "../../nats/connection/with-timeout.ts";
import { duplicateWindowMs } from "../../nats/mailbox/mailbox-definition.ts";
import type { Database } from "../../postgres/database.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { EventSteps } from "../log/event-steps.ts";
import type { DeliveryMetrics } from "../metrics/delivery-metrics.ts";
import { claimPending } from "../outbox/claim-pending.ts";
import { deadLetterOversize } from "../outbox/dead-letter-oversize.ts";
import type { NewRow } from "../outbox/insert-rows.ts";
import { markPublished } from "../outbox/mark-published.ts";
import type { PendingRow } from "../outbox/pending-row.ts";
import { type DirectDispatch, reservationMs } from "../outbox/reservation.ts";
import { DirectPublisher, directTimeoutMs } from "./direct-publisher.ts";
import { type PackLimits, packHeaderBytes, packLimits, packRows } from "./pack.ts";
import { PausedTargets } from "./paused-targets.ts";
import { type PublishResult, pubAckTimeoutMs, publishPacks } from "./publish-packs.ts";
import { idleInTransactionMs, relaySettings } from "./relay-settings.ts";

export interface RelayOptions {
  /** The publishing service. */
  readonly service: string;
  readonly logger: Logger;
  readonly metrics: DeliveryMetrics;
  /** Rows of each target that one claim takes at most. Default 500. */
  readonly batch?: number;
  /** Loops that run side by side: while one waits for the broker, another claims. Default 2. */
  readonly loops?: number;
  /** Logs events that are published. Default: nothing is logged. */
  readonly steps?: EventSteps | undefined;
}

/** Milliseconds between two sweeps. A sweep wakes a loop that has not been notified: a notification may be lost. */
const sweepMs = 1_000;

if (!(directTimeoutMs < reservationMs))
  throw new RangeError(
    `The timeout of direct publishes (${directTimeoutMs} ms) must be less than a reservation (${reservationMs} ms).`,
  );
if (!(pubAckTimeoutMs < idleInTransactionMs && idleInTransactionMs < duplicateWindowMs))
  throw new RangeError(
    `These must grow: PubAck timeout (${pubAckTimeoutMs} ms), idle_in_transaction_session_timeout (${idleInTransactionMs} ms), duplicate window (${duplicateWindowMs} ms).`,
  );

/**
 * Publishes the pending rows of an outbox.
 *
 * Each loop repeats a round in one transaction: claim pending rows, pack them, publish all packs at once, mark the rows
 * as published, commit. Several relays share a table, because a claim skips locked rows. A crash between publish and
 * mark leaves the rows pending. They are published again, and the broker or the inbox recognises them.
 *
 * Rows that its own process commits while the relay is idle are published directly, without a claim.
 *
 * A broker that does not answer costs no row an attempt: the loop backs off. A stream that is missing or full pauses
 * its own target only.
 */
export class Relay implements DirectDispatch {
  readonly #database: Database;
  readonly #nats: NatsConnection;
  readonly #options: RelayOptions;
  readonly #direct: DirectPublisher;
  readonly #stopping = new AbortController();
  readonly #paused: PausedTargets = new PausedTargets();
  /** Loops that wait to be woken. */
  readonly #idle: { readonly loop: number; readonly wake: () => void }[] = [];
  /** Loops that a sweep has woken and whose claim has found nothing yet. */
  readonly #sweeping = new Set<number>();
  /** True: `wake` was called while no loop was idle. */
  #wakePending = false;
  #sweep: NodeJS.Timeout | undefined;
  /** Loops whose last round failed. */
  readonly #failing = new Set<number>();
  #loops: Promise<void>[] = [];

  constructor(database: Database, nats: NatsConnection, options: RelayOptions) {
    this.#database = database.as("relay");
    this.#nats = nats;
    this.#options = options;
    const { service, logger } = options;
    this.#direct = new DirectPublisher(this.#database, {
      service,
      logger,
      publish: (rows) => this.#publish(rows, directTimeoutMs),
      onRelease: () => this.wake(),
    });
  }

  /** Whether the broker answered in the last round of each loop. */
  get ready(): boolean {
    return this.#failing.size === 0;
  }

  start(): void {
    this.#loops = Array.from({ length: this.#options.loops ?? 2 }, (_, loop) => this.#run(loop));
    this.#sweep = setInterval(() => {
      const next = this.#idle.shift();
      if (next === undefined) return;
      this.#sweeping.add(next.loop);
      next.wake();
    }, sweepMs);
  }

  /** Has one loop claim: there may be pending rows. */
  wake(): void {
    const next = this.#idle.shift();
    if (next) next.wake();
    else this.#wakePending = true;
  }

  /** Finishes the rounds and the publishes in flight, and ends. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#sweep);
    for (const { wake } of this.#idle.splice(0)) wake();
    await Promise.all([...this.#loops, this.#direct.stop()]);
  }

  /**
   * Rows are published directly only while every loop is idle, none of their targets is paused, and they fit into a
   * pack.
   *
   * While a loop is busy, the events of many commits are packed together by its next claim. A direct publish would also
   * overtake earlier events: one that overtakes an event of its own key is parked by its subscriber.
   */
  accepts(rows: readonly NewRow[]): boolean {
    return (
      this.#loops.length > 0 &&
      this.#idle.length + this.#sweeping.size === this.#loops.length &&
      this.ready &&
      this.#direct.ready &&
      rows.length <= packLimits.events &&
      rows.reduce((sum, { bytes }) => sum + bytes, 0) <= packLimits.bytes &&
      !rows.some(({ target }) => this.#paused.has(target))
    );
  }

  publish(rows: readonly PendingRow[]): void {
    this.#direct.publish(rows);
  }

  async #run(loop: number): Promise<void> {
    const { signal } = this.#stopping;
    const batch = this.#options.batch ?? 500;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const { full, published } = await this.#round(batch, loop);
        // A round that published nothing does not show that the broker answers again.
        if (failures > 0 && !published) await withTimeout("PING", this.#nats.flush());
        failures = 0;
        this.#failing.delete(loop);
        if (full) this.wake();
        else await this.#waitForWork(loop);
      } catch (error) {
        failures += 1;
        this.#failing.add(loop);
        const ms = backoffMs(failures, { baseMs: 100, capMs: 5_000 });
        if (signal.aborted) return;
        this.#options.logger.warn(`The relay of ${this.#options.service} tries again in ${ms} ms: ${String(error)}`);
        await delay(ms, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /**
   * Claims, publishes and marks once.
   *
   * @returns `full`: there may be more pending rows; `published`: the broker has stored at least one event.
   * @throws the broker's error, after the rows that it did store are marked.
   */
  async #round(batch: number, loop: number): Promise<{ full: boolean; published: boolean }> {
    const work = async (tx: Transaction) => {
      const { rows, full } = await claimPending(tx, batch, this.#paused.names());
      if (rows.length === 0) return { full, published: false, failure: undefined };
      this.#sweeping.delete(loop);
      const maxPayload = this.#nats.info?.max_payload;
      const { published, oversize, failure } = await this.#publish(rows, pubAckTimeoutMs);
      if (published.length > 0) await markPublished(tx, published);
      if (oversize.length > 0 && (await this.#isCurrentLimit(maxPayload))) {
        await deadLetterOversize(tx, oversize);
        for (const id of oversize)
          this.#options.logger.error(`Event ${id} is dead: it is over the broker's payload limit, which was lowered.`);
      }
      return { full, published: published.length > 0, failure };
    };
    const round = this.#database.transaction(work, relaySettings).finally(() => this.#sweeping.delete(loop));
    const { full, published, failure } = await round;
    if (failure) throw failure;
    return { full, published };
  }

  /** Whether this is the broker's limit now. A client whose connection was lost may know an old limit. */
  async #isCurrentLimit(maxPayload: number | undefined): Promise<boolean> {
    return withTimeout("PING", this.#nats.flush()).then(
      () => this.#nats.info?.max_payload === maxPayload,
      () => false,
    );
  }

  async #publish(rows: readonly PendingRow[], timeout: number): Promise<PublishResult> {
    const { service, logger, metrics, steps } = this.#options;
    const begin = performance.now();
    const result = await publishPacks(this.#nats.jetstream(), packRows(service, rows, this.#packLimits()), timeout);
    metrics.published(result.published.length, (performance.now() - begin) / 1000);
    steps?.published(result.published);
    for (const target of result.highest.keys()) this.#paused.resume(target);
    for (const [target, error] of result.refused) {
      const ms = this.#paused.pause(target);
      logger.warn(`${service} cannot publish to ${target} and tries again in ${ms} ms: ${String(error)}`);
    }
    return result;
  }

  /** A message, its headers included, must not be over the broker's present limit. */
  #packLimits(): PackLimits {
    const maxPayload = this.#nats.info?.max_payload ?? packLimits.bytes;
    return { ...packLimits, bytes: Math.min(packLimits.bytes, maxPayload - packHeaderBytes) };
  }

  /** Waits until `wake` or the sweep wakes this loop. */
  async #waitForWork(loop: number): Promise<void> {
    if (this.#wakePending || this.#stopping.signal.aborted) {
      this.#wakePending = false;
      return;
    }
    const { promise, resolve: wake } = Promise.withResolvers<void>();
    this.#idle.push({ loop, wake });
    await promise;
  }
}
