import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "moleculer";
import type { JetStreamManager, NatsConnection } from "nats";
import { withTimeout } from "../connection/with-timeout.ts";
import { type Fault, faultOf, type Inspection, inspect, needsSecondLook } from "../mailbox/inspect.ts";
import type { MailboxDefinition } from "../mailbox/mailbox-definition.ts";
import { repair } from "./repair.ts";

/** Milliseconds between two looks at the stream and its consumer. */
const inspectionMs = 2_000;

/** Milliseconds until the next look while something is amiss. */
const amissMs = 250;

/** What consumes from the stream. */
export interface Consumption {
  /** Whether messages are being consumed. */
  isActive(): boolean;
  /** Whether none are to be consumed for now. */
  isResting(): boolean;
  /** @param found the stream and the consumer as they are. */
  begin(found: Inspection): Promise<void>;
  /** Ends it at once: what it consumes from is not what it was. */
  drop(): void;
}

export interface ReconcilerOptions {
  readonly logger: Logger;
  /** Told of every fault that was found and mended. */
  readonly onHeal: (fault: Fault) => void;
}

/**
 * Keeps one stream, its consumer and the consumption from it as they are to be.
 *
 * A lost stream or consumer is noticed in three ways: consuming ends (`wake`), the connection comes back, or a look every
 * two seconds finds a fault. In each case the fault is mended and consuming begins anew.
 */
export class Reconciler {
  readonly #nats: NatsConnection;
  readonly #definition: MailboxDefinition;
  readonly #consumption: Consumption;
  readonly #options: ReconcilerOptions;
  readonly #stopping = new AbortController();
  #look = Promise.withResolvers<void>();
  #ready = false;
  #running: Promise<void>[] = [];

  constructor(
    nats: NatsConnection,
    definition: MailboxDefinition,
    consumption: Consumption,
    options: ReconcilerOptions,
  ) {
    this.#nats = nats;
    this.#definition = definition;
    this.#consumption = consumption;
    this.#options = options;
  }

  /** Whether the stream and its consumer were there at the last look and messages are being consumed. */
  get ready(): boolean {
    return this.#ready && this.#consumption.isActive();
  }

  start(): void {
    this.#running = [this.#watchConnection(), this.#run()];
  }

  /** Looks now. */
  wake(): void {
    this.#look.resolve();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await Promise.all(this.#running);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let fresh = true;
    let suspect: Fault | undefined;
    while (!signal.aborted) {
      try {
        const jsm = await withTimeout("JetStream", this.#nats.jetstreamManager({ checkAPI: false }));
        let found = await inspect(jsm, this.#definition);
        const fault = faultOf(this.#definition, found);
        // Only the newest start applies its figures: two releases would change them to and fro.
        const passes = fault === "outdated" ? !fresh : fault && needsSecondLook(fault) && suspect !== fault;
        if (fault !== undefined && !passes) found = await this.#heal(jsm, fault, fresh);
        if (!this.#consumption.isActive()) await this.#consumption.begin(found);
        suspect = fault;
        fresh = false;
        this.#ready = true;
      } catch (error) {
        this.#ready = false;
        if (!signal.aborted)
          this.#options.logger.warn(`Stream ${this.#definition.stream.name} is not reachable: ${String(error)}`);
      }
      await this.#nextLook(this.ready || this.#consumption.isResting() ? inspectionMs : amissMs);
    }
  }

  async #heal(jsm: JetStreamManager, fault: Fault, fresh: boolean): Promise<Inspection> {
    this.#consumption.drop();
    const mended = await repair(jsm, this.#definition, fault, { fresh });
    if (!fresh || (fault !== "stream-missing" && fault !== "consumer-missing")) {
      this.#options.logger.warn(`Stream ${this.#definition.stream.name} was healed of '${fault}'`);
      this.#options.onHeal(fault);
    }
    return mended;
  }

  /** Waits for the next look: after `ms`, or when something has happened. */
  async #nextLook(ms: number): Promise<void> {
    this.#look = Promise.withResolvers();
    const early = new AbortController();
    if (!this.#stopping.signal.aborted)
      await Promise.race([this.#look.promise, delay(ms, undefined, { signal: early.signal }).catch(() => undefined)]);
    early.abort();
  }

  async #watchConnection(): Promise<void> {
    const states = this.#nats.status();
    this.#stopping.signal.addEventListener("abort", () => Reflect.apply(Reflect.get(states, "stop"), states, []));
    for await (const { type } of states) if (type === "reconnect") this.wake();
  }
}
