import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "moleculer";
import type { JetStreamManager, NatsConnection } from "nats";
import { stopStatus } from "../connection/nats-internals.ts";
import { withTimeout } from "../connection/with-timeout.ts";
import { type Inspection, inspect } from "../mailbox/inspect.ts";
import type { MailboxDefinition } from "../mailbox/mailbox-definition.ts";
import { faultOf, type MailboxFault, mayBeTransient } from "./mailbox-fault.ts";
import { repair } from "./repair.ts";

/** Milliseconds between two checks of the stream and its consumer. */
const checkIntervalMs = 2_000;

/** Milliseconds until the next check while the mailbox is not ready. */
const retryIntervalMs = 250;

/** The consumption that the reconciler begins and ends. */
export interface Consumption {
  /** Whether messages are being consumed. */
  isActive(): boolean;
  /** Whether consumption is paused on purpose. */
  isPaused(): boolean;
  /** @param mailbox the stream and the consumer as they are. */
  begin(mailbox: Inspection): Promise<void>;
  /** Ends consumption at once, before its stream or consumer is changed. */
  drop(): void;
}

export interface ReconcilerOptions {
  readonly logger: Logger;
  /** Called for each fault that was found and repaired. */
  readonly onHeal: (fault: MailboxFault) => void;
}

/**
 * Keeps one stream, its consumer and the consumption from them as they must be.
 *
 * A check runs every two seconds, at once after the connection came back, and at once after consumption ended (`wake`).
 * Each check inspects the mailbox, repairs a fault, and begins consumption if nothing is consumed. A fault that may be
 * transient is repaired at the second check in a row that finds it.
 */
export class Reconciler {
  readonly #nats: NatsConnection;
  readonly #definition: MailboxDefinition;
  readonly #consumption: Consumption;
  readonly #options: ReconcilerOptions;
  readonly #stopping = new AbortController();
  #early = Promise.withResolvers<void>();
  #healthy = false;
  #isFirstCheck = true;
  #lastFault: MailboxFault | undefined;
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

  /** Whether the last check found or made the mailbox healthy, and messages are being consumed. */
  get ready(): boolean {
    return this.#healthy && this.#consumption.isActive();
  }

  start(): void {
    this.#running = [this.#watchConnection(), this.#run()];
  }

  /** Checks now. */
  wake(): void {
    this.#early.resolve();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await Promise.all(this.#running);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#check();
        this.#healthy = true;
      } catch (error) {
        this.#healthy = false;
        if (!signal.aborted)
          this.#options.logger.warn(`The check of stream ${this.#definition.stream.name} failed: ${String(error)}`);
      }
      await this.#untilNextCheck(this.ready || this.#consumption.isPaused() ? checkIntervalMs : retryIntervalMs);
    }
  }

  async #check(): Promise<void> {
    const jsm = await withTimeout("JetStream", this.#nats.jetstreamManager({ checkAPI: false }));
    const found = await inspect(jsm, this.#definition);
    const fault = faultOf(this.#definition, found);
    const mailbox = fault !== undefined && this.#mustHeal(fault) ? await this.#heal(jsm, fault) : found;
    if (!this.#consumption.isActive()) await this.#consumption.begin(mailbox);
    this.#lastFault = fault;
    this.#isFirstCheck = false;
  }

  #mustHeal(fault: MailboxFault): boolean {
    // Only a process that starts applies its limits: two releases side by side would change them to and fro.
    if (fault === "outdated") return this.#isFirstCheck;
    return !mayBeTransient(fault) || fault === this.#lastFault;
  }

  async #heal(jsm: JetStreamManager, fault: MailboxFault): Promise<Inspection> {
    const isFirstCheck = this.#isFirstCheck;
    this.#consumption.drop();
    const repaired = await repair(jsm, this.#definition, fault, { isFirstCheck });
    const isCreation = isFirstCheck && (fault === "stream-missing" || fault === "consumer-missing");
    if (!isCreation) {
      this.#options.logger.warn(`Stream ${this.#definition.stream.name} was healed of '${fault}'`);
      this.#options.onHeal(fault);
    }
    return repaired;
  }

  /** Resolves after `ms`, or at a call of `wake` or `stop`. */
  async #untilNextCheck(ms: number): Promise<void> {
    this.#early = Promise.withResolvers();
    const timer = new AbortController();
    if (!this.#stopping.signal.aborted)
      await Promise.race([this.#early.promise, delay(ms, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
  }

  async #watchConnection(): Promise<void> {
    const states = this.#nats.status();
    this.#stopping.signal.addEventListener("abort", () => stopStatus(states));
    for await (const { type } of states) if (type === "reconnect") this.wake();
  }
}
