import type { Logger } from "moleculer";
import type { AckSender } from "../../acks/ack-sender.ts";
import { claimDue, type DueFilter, isPossiblePoisonDue } from "../claims/claim-due.ts";
import { releaseAll } from "../claims/release-held.ts";
import type { InboxContext } from "../execution/inbox-context.ts";
import type { SharedLock } from "../execution/shared-lock.ts";
import type { StoredRow } from "../rows/stored-row.ts";
import { runClaimed } from "./run-claimed.ts";

/** Milliseconds between two looks for stored events that are due. */
const sweepMs = 1_000;

/**
 * Milliseconds between two looks for held events that this release knows: while releases change, a worker of the
 * older one may take them up and hold them again.
 */
const releaseMs = 60_000;

/** Milliseconds between two looks for suspects while others run. */
const poisonCheckMs = 5_000;

/** Stored events of a kind that run side by side. No more are claimed: what waits here, another worker may run. */
const concurrency = 5;

/**
 * Runs the stored events of an inbox: retries whose time has come, suspects, external handlers, and parked events
 * whose turn has come. Retries run from here, never by redelivery: the broker was acknowledged, so nothing storms.
 *
 * External handlers have slots of their own: a mail server that hangs holds up nobody else's retries. As they hold a
 * connection while they wait for it, they take half of the pool's at most.
 *
 * What was begun and never ended runs with nothing beside it, neither a stored event nor a batch: what ends its process
 * must not take others along, which would then count as crashed themselves; nor be in hand when a new event of a batch
 * ends it, or a few of those would make a dead one of it. While one is due, no other is begun.
 */
export class DueRunner {
  readonly #context: InboxContext;
  readonly #acks: AckSender;
  readonly #batches: SharedLock;
  readonly #logger: Logger;
  readonly #pools: readonly SlotPool[];
  readonly #stopping = new AbortController();
  #releaseAt = 0;
  #poisonCheckAt = 0;
  #woken = false;
  readonly #firstCheck = Promise.withResolvers<void>();
  #wake = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;

  /** @param batches is held by each batch of the same mailbox while it runs. */
  constructor(context: InboxContext, acks: AckSender, batches: SharedLock, logger: Logger) {
    const external = context.handlers.external();
    const half = Math.floor(context.database.options.poolSize / 2);
    this.#context = context;
    this.#acks = acks;
    this.#batches = batches;
    this.#logger = logger;
    this.#pools = [
      { filter: { external }, slots: concurrency, inFlight: new Set() },
      ...(external.length > 0
        ? [
            {
              filter: { external, only: true },
              slots: Math.min(concurrency, half),
              inFlight: new Set<Promise<void>>(),
            },
          ]
        : []),
    ];
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Something may be due. */
  wake(): void {
    this.#woken = true;
    this.#wake.resolve();
  }

  /**
   * Resolves once no possiblePoison is due that an earlier process left, or it cannot be seen. Batches begin then: new
   * events that end each process in its first batch must not keep the suspects from their turn.
   */
  get firstCheck(): Promise<void> {
    return this.#firstCheck.promise;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#firstCheck.resolve();
    this.#wake.resolve();
    await this.#running;
    await Promise.all(this.#pools.flatMap(({ inFlight }) => [...inFlight]));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#woken = false;
      await this.#round().catch((error: unknown) => {
        this.#firstCheck.resolve();
        this.#warn(error);
      });
      if (!this.#woken) await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    this.#wake = Promise.withResolvers();
    const timer = setTimeout(this.#wake.resolve, sweepMs);
    if (!this.#stopping.signal.aborted) await this.#wake.promise;
    clearTimeout(timer);
  }

  /** Begins what is due and has a place, or runs one possiblePoison to its end. What ends wakes the next round. */
  async #round(): Promise<void> {
    const { database, handlers } = this.#context;
    if (performance.now() >= this.#releaseAt) {
      const released = await releaseAll(database, handlers, this.#stopping.signal);
      if (released > 0) this.#logger.info(`${released} held events are known to this release and run now`);
      this.#releaseAt = performance.now() + releaseMs;
    }
    if (this.#pools.every(({ inFlight }) => inFlight.size === 0)) {
      if (await isPossiblePoisonDue(database)) {
        await this.#batches.alone(() => this.#runPossiblePoison());
        return this.wake();
      }
      this.#firstCheck.resolve();
      this.#poisonCheckAt = performance.now() + poisonCheckMs;
    } else if (performance.now() >= this.#poisonCheckAt) {
      if (await isPossiblePoisonDue(database)) return;
      this.#poisonCheckAt = performance.now() + poisonCheckMs;
    }
    for (const { filter, slots, inFlight } of this.#pools) {
      const free = slots - inFlight.size;
      const rows = free > 0 ? await claimDue(database, free, { ...filter, possiblePoison: false }) : [];
      for (const row of rows) {
        const running = this.#runOne(row).finally(() => {
          inFlight.delete(running);
          this.wake();
        });
        inFlight.add(running);
      }
    }
  }

  /** It is claimed only now: while it waited for batches to end, one of them could have ended the process. */
  async #runPossiblePoison(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const [possiblePoison] = await claimDue(this.#context.database, 1, { possiblePoison: true });
    if (possiblePoison) await this.#runOne(possiblePoison);
  }

  /** Runs a claimed event to its end. */
  async #runOne(row: StoredRow): Promise<void> {
    try {
      const acks = await runClaimed(this.#context, row);
      for (const [source, list] of acks) this.#acks.send(source, list);
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(error: unknown): void {
    this.#logger.warn(`Stored events of ${this.#context.service} wait: ${String(error)}`);
  }
}

/** Stored events of a kind, and how many of them may run at once. */
interface SlotPool {
  readonly filter: DueFilter;
  readonly slots: number;
  readonly inFlight: Set<Promise<void>>;
}
