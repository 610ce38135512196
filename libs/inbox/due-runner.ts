import type { Logger } from "moleculer";
import type { AckSender } from "../acks/ack-sender.ts";
import { claimDue, type DueFilter, leaseMs, releaseHeld } from "./claim-due.ts";
import type { InboxContext } from "./context.ts";
import type { StoredRow } from "./read-rows.ts";
import { runClaimed } from "./run-claimed.ts";

/** Milliseconds between two looks for stored events that are due. */
const sweepMs = 1_000;

/**
 * Milliseconds between two looks for held events that this release knows: while releases change, a worker of the
 * older one may take them up and hold them again.
 */
const releaseMs = 60_000;

/** Stored events that run side by side. No more are claimed: a lease does not wait for others' handlers. */
const concurrency = 5;

/** Milliseconds after which no more are begun until those under way have ended, so that a suspect has its turn. */
const turnMs = 5_000;

/**
 * Runs the stored events of an inbox: retries whose time has come, suspects, external handlers, and parked events
 * whose turn has come. Retries run from here, never by redelivery: the broker was acknowledged, so nothing storms.
 *
 * What was begun and never ended runs with nothing beside it: what ends its process must not take others along, which
 * would then count as crashed themselves.
 */
export class DueRunner {
  readonly #context: InboxContext;
  readonly #acks: AckSender;
  readonly #logger: Logger;
  readonly #filter: DueFilter;
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #releaseAt = 0;
  #turnEndsAt = 0;
  #woken = false;
  #wake = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;

  /** @param only events of external handlers (true), or all others (false). */
  constructor(context: InboxContext, acks: AckSender, logger: Logger, only: "external" | "internal") {
    this.#context = context;
    this.#filter = { external: context.handlers.external(), only: only === "external" };
    this.#acks = acks;
    this.#logger = logger;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Something may be due. */
  wake(): void {
    this.#woken = true;
    this.#wake.resolve();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.resolve();
    await this.#running;
    await Promise.all(this.#underWay);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#woken = false;
      const free = concurrency - this.#underWay.size;
      const claimed = await this.#claim(free).catch((error: unknown) => this.#warn(error));
      if ((free === 0 || claimed < free) && !this.#woken) await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    this.#wake = Promise.withResolvers();
    const timer = setTimeout(this.#wake.resolve, sweepMs);
    if (!this.#stopping.signal.aborted) await this.#wake.promise;
    clearTimeout(timer);
  }

  /** Begins up to `most` of what is due. @returns how many. */
  async #claim(most: number): Promise<number> {
    if (most === 0) return 0;
    const { database, handlers } = this.#context;
    if (performance.now() >= this.#releaseAt) {
      const released = await releaseHeld(database, handlers.known());
      if (released > 0) this.#logger.info(`${released} held events are known to this release and run now`);
      this.#releaseAt = performance.now() + releaseMs;
    }
    const lease = leaseMs(this.#context);
    if (this.#underWay.size === 0) {
      this.#turnEndsAt = performance.now() + turnMs;
      const [suspect] = await claimDue(database, 1, lease, { ...this.#filter, suspect: true });
      if (suspect) {
        await this.#begin(suspect);
        return most;
      }
    } else if (performance.now() > this.#turnEndsAt) return 0;
    const rows = await claimDue(database, most, lease, { ...this.#filter, suspect: false });
    for (const row of rows) void this.#begin(row);
    return rows.length;
  }

  #begin(row: StoredRow): Promise<void> {
    const running = runClaimed(this.#context, row)
      .then(
        (acks) => acks.forEach((list, source) => void this.#acks.send(source, list)),
        (error: unknown) => void this.#warn(error),
      )
      .then(() => {
        this.#underWay.delete(running);
        this.wake();
      });
    this.#underWay.add(running);
    return running;
  }

  #warn(error: unknown): 0 {
    this.#logger.warn(`Stored events of ${this.#context.service} wait: ${String(error)}`);
    return 0;
  }
}
