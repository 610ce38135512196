import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "moleculer";
import type { NatsConnection } from "nats";
import { backoffMs } from "../../core/backoff/full-jitter.ts";
import { withTimeout } from "../../nats/connection/with-timeout.ts";
import { duplicateWindowMs } from "../../nats/mailbox/mailbox-definition.ts";
import type { Database } from "../../postgres/database.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";
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
import { type Outcome, pubAckTimeoutMs, publishPacks } from "./publish-packs.ts";
import { idleInTransactionMs, relaySettings } from "./relay-settings.ts";

export interface RelayOptions {
  /** The publishing service. */
  readonly service: string;
  readonly logger: Logger;
  readonly metrics: DeliveryMetrics;
  /** Rows of each target that are claimed at once. Default 500. */
  readonly batch?: number;
  /** Loops side by side: while one waits for the broker, another reads the table. Default 2. */
  readonly loops?: number;
}

/** Milliseconds between two looks of a relay that nobody has woken. */
const sweepMs = 1_000;

if (!(directTimeoutMs < reservationMs))
  throw new RangeError(
    `The time-out of direct publishes (${directTimeoutMs} ms) < hold (${reservationMs} ms) does not hold.`,
  );
if (!(pubAckTimeoutMs < idleInTransactionMs && idleInTransactionMs < duplicateWindowMs))
  throw new RangeError(
    `PubAck timeout (${pubAckTimeoutMs} ms) < idle_in_transaction_session_timeout (${idleInTransactionMs} ms) < duplicate window (${duplicateWindowMs} ms) does not hold.`,
  );

/**
 * Publishes what stands in an outbox.
 *
 * A loop claims a batch by state, packs it, publishes all packs in flight together, marks the batch in one statement
 * and commits. Several relays on one table share the work by `SKIP LOCKED`. A crash between publish and mark leaves
 * the rows pending: they are published again, and the broker or the inbox knows them.
 *
 * What is committed in its own process while it has nothing to do goes out directly, without a claim.
 *
 * A broker that is down costs no row an attempt: the relay backs off as a whole. A stream that is missing or full
 * holds up its own target only.
 */
export class Relay implements DirectDispatch {
  readonly #database: Database;
  readonly #nats: NatsConnection;
  readonly #options: RelayOptions;
  readonly #direct: DirectPublisher;
  readonly #stopping = new AbortController();
  readonly #paused: PausedTargets = new PausedTargets();
  readonly #waiting: { readonly loop: number; readonly goOn: () => void }[] = [];
  /** Loops that look although nobody has woken them, and have found nothing. */
  readonly #looking = new Set<number>();
  #woken = false;
  #sweep: NodeJS.Timeout | undefined;
  /** Loops whose last round failed. */
  readonly #failing = new Set<number>();
  #loops: Promise<void>[] = [];

  constructor(database: Database, nats: NatsConnection, options: RelayOptions) {
    this.#database = database;
    this.#nats = nats;
    this.#options = options;
    const { service, logger } = options;
    this.#direct = new DirectPublisher(database, {
      service,
      logger,
      publish: (rows) => this.#publish(rows, directTimeoutMs),
      onRelease: () => this.wake(),
    });
  }

  /** Whether the broker answered the last batch of each loop. */
  get ready(): boolean {
    return this.#failing.size === 0;
  }

  start(): void {
    this.#loops = Array.from({ length: this.#options.loops ?? 2 }, (_, loop) => this.#run(loop));
    this.#sweep = setInterval(() => {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#looking.add(next.loop);
      next.goOn();
    }, sweepMs);
  }

  /** There may be something to publish: one waiting loop looks. */
  wake(): void {
    const next = this.#waiting.shift();
    if (next) next.goOn();
    else this.#woken = true;
  }

  /** Finishes what is in flight and ends. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#sweep);
    for (const { goOn } of this.#waiting.splice(0)) goOn();
    await Promise.all([...this.#loops, this.#direct.stop()]);
  }

  /**
   * It does while no loop has anything in hand and no target has refused what came before, so that events of a burst are
   * packed, and hardly one overtakes those of an earlier commit, which would park it if they are of one key.
   */
  accepts(rows: readonly NewRow[]): boolean {
    return (
      this.#loops.length > 0 &&
      this.#waiting.length + this.#looking.size === this.#loops.length &&
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
        // A round without events says nothing of the broker.
        if (failures > 0 && !published) await withTimeout("PING", this.#nats.flush());
        failures = 0;
        this.#failing.delete(loop);
        if (full) this.wake();
        else await this.#idle(loop);
      } catch (error) {
        failures += 1;
        this.#failing.add(loop);
        const ms = backoffMs(failures, { baseMs: 100, capMs: 5_000 });
        if (signal.aborted) return;
        this.#options.logger.warn(`The relay of ${this.#options.service} waits ${ms} ms: ${String(error)}`);
        await delay(ms, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Publishes one batch. @returns whether there may be more, and was any. @throws what the broker failed with. */
  async #round(batch: number, loop: number): Promise<{ full: boolean; published: boolean }> {
    const work = async (tx: Transaction) => {
      const { rows, full } = await claimPending(tx, batch, this.#paused.names());
      if (rows.length === 0) return { full, published: false, failure: undefined };
      this.#looking.delete(loop);
      const most = this.#nats.info?.max_payload;
      const outcome = await this.#publish(rows, pubAckTimeoutMs);
      if (outcome.published.length > 0) await markPublished(tx, outcome.published);
      if (outcome.oversize.length > 0 && (await this.#stillTakes(most))) await deadLetterOversize(tx, outcome.oversize);
      return { full, published: outcome.published.length > 0, failure: outcome.failure };
    };
    const round = this.#database.transaction(work, relaySettings).finally(() => this.#looking.delete(loop));
    const { full, published, failure } = await round;
    if (failure) throw failure;
    return { full, published };
  }

  /** Whether this is the broker's limit now: while the connection is away, the client knows an old one. */
  async #stillTakes(most: number | undefined): Promise<boolean> {
    return withTimeout("PING", this.#nats.flush()).then(
      () => this.#nats.info?.max_payload === most,
      () => false,
    );
  }

  async #publish(rows: readonly PendingRow[], timeout: number): Promise<Outcome> {
    const { service, logger, metrics } = this.#options;
    const begin = performance.now();
    const outcome = await publishPacks(this.#nats.jetstream(), packRows(service, rows, this.#packLimits()), timeout);
    metrics.published(outcome.published.length, (performance.now() - begin) / 1000);
    for (const target of outcome.highest.keys()) this.#paused.resume(target);
    for (const [target, error] of outcome.refused) {
      const ms = this.#paused.pause(target);
      logger.warn(`${service} cannot publish to ${target}, waits ${ms} ms: ${String(error)}`);
    }
    return outcome;
  }

  /** No pack is over what the broker takes now, its headers included. */
  #packLimits(): PackLimits {
    const most = this.#nats.info?.max_payload ?? packLimits.bytes;
    return { ...packLimits, bytes: Math.min(packLimits.bytes, most - packHeaderBytes) };
  }

  /** Waits to be woken, or for the sweep. */
  async #idle(loop: number): Promise<void> {
    if (this.#woken || this.#stopping.signal.aborted) {
      this.#woken = false;
      return;
    }
    const { promise, resolve: goOn } = Promise.withResolvers<void>();
    this.#waiting.push({ loop, goOn });
    await promise;
  }
}
