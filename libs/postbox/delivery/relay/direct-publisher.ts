import type { Logger } from "moleculer";
import type { Database } from "../../postgres/database.ts";
import { endReservation } from "../outbox/end-reservation.ts";
import { lockReserved } from "../outbox/lock-reserved.ts";
import { markPublished, type Published } from "../outbox/mark-published.ts";
import type { PendingRow } from "../outbox/pending-row.ts";
import { reservationMs } from "../outbox/reservation.ts";
import type { Outcome } from "./publish-packs.ts";
import { relaySettings } from "./relay-settings.ts";

export interface DirectPublisherOptions {
  readonly service: string;
  readonly logger: Logger;
  readonly publish: (rows: readonly PendingRow[]) => Promise<Outcome>;
  /** Called when there is something to claim: it could not be published directly. */
  readonly onRelease: () => void;
}

/**
 * Milliseconds from a PubAck to its mark. Most events are acknowledged by their subscriber before, which settles the
 * row at once; the mark then finds nothing to write.
 */
const markAfterMs = 100;

/** Milliseconds to wait for a PubAck. Below the hold, so that what is not known to be published is left before others claim it. */
export const directTimeoutMs = 1_500;

/** Commits whose packs are on their way to the broker at once. With more, packing them costs less. */
const maxInFlight = 8;

/**
 * Publishes what this process has just committed, from memory: no claim reads it back first.
 *
 * The rows are `pending` and held for this process by the transaction that inserted them, so no relay claims them.
 * After the PubAck they are marked together, a little later. What was not published (the process died, or the broker
 * did not answer) is a pending row like any other once the hold is over.
 */
export class DirectPublisher {
  readonly #database: Database;
  readonly #options: DirectPublisherOptions;
  readonly #underWay = new Set<Promise<void>>();
  #unmarked: Published[] = [];
  #nextMark: NodeJS.Timeout | undefined;
  #lastMark = Promise.resolve();
  #stopped = false;
  /** Until when the broker is taken for away (milliseconds of `performance.now`). */
  #restUntil = 0;

  constructor(database: Database, options: DirectPublisherOptions) {
    this.#database = database;
    this.#options = options;
  }

  get ready(): boolean {
    return this.#underWay.size < maxInFlight && performance.now() >= this.#restUntil;
  }

  /** @param rows of one transaction, committed and held. */
  publish(rows: readonly PendingRow[]): void {
    if (this.#stopped) return;
    const round = this.#publish(rows).finally(() => this.#underWay.delete(round));
    this.#underWay.add(round);
  }

  /** Finishes what is under way, and marks it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#underWay);
    clearTimeout(this.#nextMark);
    await this.#lastMark;
    await this.#mark();
  }

  async #publish(rows: readonly PendingRow[]): Promise<void> {
    try {
      const { published, failure } = await this.#options.publish(rows);
      if (published.length > 0) this.#markSoon(published);
      const ids = new Set(published.map(({ id }) => id));
      const left = rows.filter(({ id }) => !ids.has(id));
      if (left.length > 0) await this.#leave(left, failure);
    } catch (error) {
      await this.#leave(rows, error);
    }
  }

  /** What it cannot publish, the relay claims. */
  async #leave(rows: readonly PendingRow[], error: unknown): Promise<void> {
    const { service, logger, onRelease } = this.#options;
    if (error !== undefined) {
      this.#restUntil = performance.now() + reservationMs;
      logger.warn(`${service} leaves ${rows.length} committed events to the next claim: ${String(error)}`);
    }
    const ids = rows.map(({ id }) => id);
    // Otherwise the hold ends by itself.
    await endReservation(this.#database, ids).then(onRelease, () => undefined);
  }

  #markSoon(published: readonly Published[]): void {
    this.#unmarked.push(...published);
    this.#nextMark ??= setTimeout(() => {
      this.#nextMark = undefined;
      this.#lastMark = this.#lastMark.then(() => this.#mark());
    }, markAfterMs);
  }

  /** A mark that is lost is no loss: the row is settled by its acknowledgement, or published again when the hold is over. */
  async #mark(): Promise<void> {
    const published = this.#unmarked;
    this.#unmarked = [];
    if (published.length === 0) return;
    try {
      await this.#database.transaction(async (tx) => {
        const held = await lockReserved(tx, published);
        if (held.length > 0) await markPublished(tx, held);
      }, relaySettings);
    } catch (error) {
      this.#options.logger.warn(
        `${this.#options.service} could not mark ${published.length} published events: ${String(error)}`,
      );
    }
  }
}
