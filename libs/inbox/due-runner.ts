import type { Logger } from "moleculer";
import type { AckSender } from "../acks/ack-sender.ts";
import { claimDue } from "./claim-due.ts";
import { handleBatch, type InboxContext } from "./handle-batch.ts";
import { type CursorName, cursorNames } from "./lock-cursors.ts";
import { type StoredRow, storedArrival } from "./read-rows.ts";
import { runStored } from "./run-stored.ts";

/** Milliseconds between two looks for stored events that are due. */
const sweepMs = 1_000;

/** Stored events claimed at once, and how many of them run side by side. */
const batch = 100;
const concurrency = 5;

/** Added to the longest handler's time: what a claim may take beside its handler, in milliseconds. */
const leaseMarginMs = 5_000;

/**
 * Runs the stored events of an inbox: retries whose time has come, suspects, external handlers, and parked events
 * whose turn has come. Retries run from here, never by redelivery: the broker was acknowledged, so nothing storms.
 */
export class DueRunner {
  readonly #context: InboxContext;
  readonly #acks: AckSender;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  #woken = false;
  #wake = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;

  constructor(context: InboxContext, acks: AckSender, logger: Logger) {
    this.#context = context;
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
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#woken = false;
      try {
        if ((await this.#round()) > 0) continue;
      } catch (error) {
        this.#logger.warn(`Stored events of ${this.#context.service} wait: ${String(error)}`);
      }
      if (!this.#woken) await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    this.#wake = Promise.withResolvers();
    const timer = setTimeout(this.#wake.resolve, sweepMs);
    if (!this.#stopping.signal.aborted) await this.#wake.promise;
    clearTimeout(timer);
  }

  /** @returns how many were claimed. */
  async #round(): Promise<number> {
    const { database, handlers } = this.#context;
    const rows = await claimDue(database, batch, handlers.longestMs() + leaseMarginMs);
    const queue = rows.filter(({ status }) => status === "failed");
    const keys = cursorNames(rows.filter(({ status }) => status === "parked"));
    const runners = Array.from({ length: concurrency }, async () => {
      for (let row = queue.shift(); row !== undefined; row = queue.shift()) await this.#runOne(row);
    });
    await Promise.all([...runners, keys.length > 0 ? this.#takeUp(keys) : undefined]);
    return rows.length;
  }

  async #runOne(row: StoredRow): Promise<void> {
    const ack = await runStored(this.#context, row);
    if (ack) this.#acks.send(row.source, [ack]);
    if (ack?.status === "processed" && row.key !== null) await this.#takeUp(cursorNames([storedArrival(row)]));
  }

  async #takeUp(keys: readonly CursorName[]): Promise<void> {
    const { acks } = await handleBatch(this.#context, [], "whole", keys);
    for (const [source, list] of acks) this.#acks.send(source, list);
  }
}
