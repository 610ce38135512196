import type { Logger } from "moleculer";
import type { AckSender } from "../../acks/ack-sender.ts";
import { claimDue, isPossiblePoisonDue } from "../claims/claim-due.ts";
import { releaseAll } from "../claims/release-held.ts";
import type { InboxContext } from "../execution/inbox-context.ts";
import type { SharedLock } from "../execution/shared-lock.ts";
import type { StoredRow } from "../rows/stored-row.ts";
import { runClaimed } from "./run-claimed.ts";
import { type SlotPool, slotPools } from "./slot-pool.ts";

/** Milliseconds until the next round when nothing wakes the runner. */
const roundMs = 1_000;

/**
 * Milliseconds between two releases of held events. One release at the start is not enough: while releases change, a
 * worker of the older one may store events as held again.
 */
const releaseMs = 60_000;

/** Milliseconds between two checks for possible poison while other stored events run. */
const poisonCheckMs = 5_000;

/**
 * Runs the stored events of an inbox: retries, events with external handlers, parked events and possible poison.
 * Retries run from here and never by redelivery, so that a failing event does not storm.
 *
 * Possible poison runs with nothing beside it, neither a stored event nor a batch. An event that ends its process would
 * take its neighbours along, which would count as crashed themselves. While possible poison is due, no other stored
 * event begins.
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

  /** @param batches is shared by all batches of the mailbox while they run. */
  constructor(context: InboxContext, acks: AckSender, batches: SharedLock, logger: Logger) {
    this.#context = context;
    this.#acks = acks;
    this.#batches = batches;
    this.#logger = logger;
    this.#pools = slotPools(context);
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Begins the next round at once: something may be due. */
  wake(): void {
    this.#woken = true;
    this.#wake.resolve();
  }

  /**
   * Resolves once no possible poison of an earlier process is due, or the check failed. Batches begin then: new events
   * that end each process in its first batch must not keep possible poison from being run and found.
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
    const timer = setTimeout(this.#wake.resolve, roundMs);
    if (!this.#stopping.signal.aborted) await this.#wake.promise;
    clearTimeout(timer);
  }

  /**
   * Runs one possible poison event to its end, or begins what is due and finds a slot. Each end wakes the next round.
   */
  async #round(): Promise<void> {
    await this.#releaseHeld();
    const idle = this.#pools.every(({ inFlight }) => inFlight.size === 0);
    if (idle || performance.now() >= this.#poisonCheckAt) {
      if (await isPossiblePoisonDue(this.#context.database)) {
        if (!idle) return;
        await this.#batches.exclusive(() => this.#runPossiblePoison());
        return this.wake();
      }
      if (idle) this.#firstCheck.resolve();
      this.#poisonCheckAt = performance.now() + poisonCheckMs;
    }
    for (const pool of this.#pools) await this.#fill(pool);
  }

  async #releaseHeld(): Promise<void> {
    if (performance.now() < this.#releaseAt) return;
    const { database, handlers } = this.#context;
    const released = await releaseAll(database, handlers, this.#stopping.signal);
    if (released > 0) this.#logger.info(`${released} held events are known to this release and run now`);
    this.#releaseAt = performance.now() + releaseMs;
  }

  /** Claims as many due events as the pool has free slots, and begins them. */
  async #fill({ filter, slots, inFlight }: SlotPool): Promise<void> {
    const free = slots - inFlight.size;
    const rows = free > 0 ? await claimDue(this.#context.database, free, filter) : [];
    for (const row of rows) {
      const running = this.#runOne(row).finally(() => {
        inFlight.delete(running);
        this.wake();
      });
      inFlight.add(running);
    }
  }

  /** Claims now, not before: while this waited for batches to end, one of them could have ended the process. */
  async #runPossiblePoison(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const [row] = await claimDue(this.#context.database, 1, { possiblePoison: true });
    if (row) await this.#runOne(row);
  }

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
