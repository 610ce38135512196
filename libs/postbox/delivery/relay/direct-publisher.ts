import type { Logger } from "moleculer";
import type { Database } from "../../postgres/database.ts";
import { endReservation } from "../outbox/end-reservation.ts";
import { lockReserved } from "../outbox/lock-reserved.ts";
import { markPublished, type Published } from "../outbox/mark-published.ts";
import type { PendingRow } from "../outbox/pending-row.ts";
import { reservationMs } from "../outbox/reservation.ts";
import type { PublishResult } from "./publish-packs.ts";
import { relaySettings } from "./relay-settings.ts";

export interface DirectPublisherOptions {
  readonly service: string;
  readonly logger: Logger;
  readonly publish: (rows: readonly PendingRow[]) => Promise<PublishResult>;
  /** Called when rows could not be published directly: a relay may claim them. */
  readonly onRelease: () => void;
}

/**
 * Milliseconds from a PubAck to its mark. Most subscribers answer sooner, which settles the row, and the mark then has
 * nothing to write.
 */
const markAfterMs = 100;

/** Milliseconds to wait for a PubAck. Less than a reservation, which ends before a relay publishes the same rows. */
export const directTimeoutMs = 1_500;

/** Commits that are published directly at once. With more, a relay is cheaper: it packs events of several commits. */
const maxInFlight = 8;

/**
 * Publishes rows that this process has just committed from memory: no claim reads them back first.
 *
 * The transaction that inserts the rows reserves them for this process, so no relay claims them. Rows are marked a
 * little after their PubAcks, many at once. If the process dies or the broker does not answer, the row is a pending row
 * like any other once its reservation is over.
 */
export class DirectPublisher {
  readonly #database: Database;
  readonly #options: DirectPublisherOptions;
  readonly #inFlight = new Set<Promise<void>>();
  #unmarked: Published[] = [];
  #nextMark: NodeJS.Timeout | undefined;
  #lastMark = Promise.resolve();
  #stopped = false;
  /**
   * Nothing is published directly before this time, in milliseconds of `performance.now()`: the broker did not answer.
   */
  #pausedUntil = 0;

  constructor(database: Database, options: DirectPublisherOptions) {
    this.#database = database;
    this.#options = options;
  }

  /** Whether it takes further rows now. */
  get ready(): boolean {
    return this.#inFlight.size < maxInFlight && performance.now() >= this.#pausedUntil;
  }

  /** @param rows of one transaction, committed and reserved. */
  publish(rows: readonly PendingRow[]): void {
    if (this.#stopped) return;
    // Outside the action that committed the rows: publishing and marking go on after its end.
    const publishing = this.#database
      .detached(() => this.#publish(rows))
      .finally(() => this.#inFlight.delete(publishing));
    this.#inFlight.add(publishing);
  }

  /** Waits for the publishes in flight and marks their rows. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#inFlight);
    clearTimeout(this.#nextMark);
    await this.#lastMark;
    await this.#mark();
  }

  async #publish(rows: readonly PendingRow[]): Promise<void> {
    try {
      const { published, failure } = await this.#options.publish(rows);
      if (published.length > 0) this.#markSoon(published);
      const ids = new Set(published.map(({ id }) => id));
      const unpublished = rows.filter(({ id }) => !ids.has(id));
      if (unpublished.length > 0) await this.#release(unpublished, failure);
    } catch (error) {
      await this.#release(rows, error);
    }
  }

  /** Leaves rows to the relay. */
  async #release(rows: readonly PendingRow[], error: unknown): Promise<void> {
    const { service, logger, onRelease } = this.#options;
    if (error !== undefined) {
      this.#pausedUntil = performance.now() + reservationMs;
      logger.warn(
        `${service} could not publish ${rows.length} events directly; its relay will claim them: ${String(error)}`,
      );
    }
    const ids = rows.map(({ id }) => id);
    // If this fails, the reservation ends by its time.
    await endReservation(this.#database, ids).then(onRelease, () => undefined);
  }

  #markSoon(published: readonly Published[]): void {
    this.#unmarked.push(...published);
    this.#nextMark ??= setTimeout(() => {
      this.#nextMark = undefined;
      this.#lastMark = this.#lastMark.then(() => this.#mark());
    }, markAfterMs);
  }

  /** A mark may be lost: the row is settled by its ack, or published again after its reservation. */
  async #mark(): Promise<void> {
    const published = this.#unmarked;
    this.#unmarked = [];
    if (published.length === 0) return;
    try {
      await this.#database.transaction(async (tx) => {
        const locked = await lockReserved(tx, published);
        if (locked.length > 0) await markPublished(tx, locked);
      }, relaySettings);
    } catch (error) {
      this.#options.logger.warn(
        `${this.#options.service} could not mark ${published.length} events as published: ${String(error)}`,
      );
    }
  }
}
