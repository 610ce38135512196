import { setTimeout as sleep } from "node:timers/promises";
import type { Middleware, ServiceBroker } from "moleculer";
import type { Static } from "typebox";
import { revocationSource } from "../../core/project/revocation-source.ts";
import { callAsService } from "./call-as-service.ts";
import { type Revocations, revocationsAction, type revocationsParams } from "./revocations.ts";
import { verifierOf } from "./token-verifier.ts";

/** How often auth is asked which tokens were revoked. An event could be lost; a question is asked again. */
const intervalMs = 2_000;
/** How often at first, until there is an answer. */
const firstIntervalMs = 100;
/** How long an answer is waited for before the question is asked again, which another instance gets: one may be frozen. */
const patienceMs = 1_000;
/** How long tokens from before the start are refused while auth is away. It can be away for long; then what is known counts. */
const blindMs = 30_000;

/** Tells the verifier of a broker which tokens were revoked, from its start to its end. */
class RevocationWatch {
  /** Settles when the first question was answered or has failed, or could have been. */
  readonly begun: Promise<unknown>;
  readonly #broker: ServiceBroker;
  readonly #action: Revocations;
  readonly #over = new AbortController();
  readonly #running: Promise<void>;
  readonly #startedAt = performance.now();
  /** What is asked next. */
  #question: Static<typeof revocationsParams> = {};
  /** `as_of` of the first page of what is asked now. */
  #asOf: string | undefined;
  #failing = false;

  constructor(broker: ServiceBroker, action: Revocations) {
    this.#broker = broker;
    this.#action = action;
    this.begun = this.#askPatiently();
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let over = await this.begun; !this.#over.signal.aborted; over = await this.#askPatiently())
      if (over) await this.#pause(this.#question.since === undefined ? firstIntervalMs : intervalMs);
  }

  /** Asks page after page. @returns whether that is over; if not, a question is open, and its answer is welcome when it comes. */
  async #askPatiently(): Promise<boolean> {
    for (;;) {
      const outcome = await Promise.race([this.#ask(), this.#pause(patienceMs).then(() => "late" as const)]);
      if (outcome !== "more") return outcome === "over";
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#over.signal }).catch(() => undefined);
  }

  /** What cannot be asked now is asked again: an answer holds all that came after `since`. @returns whether that has more pages. */
  async #ask(): Promise<"more" | "over"> {
    const question = this.#question;
    const verifier = verifierOf(this.#broker);
    try {
      // Asked first, because Moleculer logs each call of an action that nobody has.
      if (!this.#broker.registry.actions.isAvailable(this.#action.name))
        throw new Error(`Nobody answers '${this.#action.name}'.`);
      const { revoked, as_of, next } = await callAsService(this.#broker, "revocation-watch", this.#action, question);
      for (const { jti, expires_at } of revoked) verifier.revoke(jti, new Date(expires_at));
      this.#failing = false;
      // The late answer to what was asked again, and answered, does not lead back.
      if (question !== this.#question) return "over";
      if (question.after === undefined) this.#asOf = as_of;
      if (next !== undefined) {
        this.#question = { ...question, after: next };
        return "more";
      }
      this.#question = { since: this.#asOf ?? as_of };
      verifier.prune();
      verifier.see();
    } catch (error) {
      if (this.#over.signal.aborted) return "over";
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.#failing) this.#broker.logger.warn(`Revoked tokens cannot be asked for; asking on. ${reason}`);
      this.#failing = true;
      if (performance.now() - this.#startedAt > blindMs) verifier.see();
    }
    return "over";
  }
}

const watches = new WeakMap<ServiceBroker, RevocationWatch>();

/**
 * Keeps the verifier of every node up to date: a revoked token ends within 5 s everywhere. Services are announced
 * after the first answer, if there is an auth to give it: so a new node neither takes a revoked token nor refuses a
 * good one.
 */
export const revocationWatch: Middleware = {
  name: "RevocationWatch",
  async serviceStarting({ broker }) {
    const source = revocationSource();
    if (source === undefined) return verifierOf(broker).see();
    const watch = watches.get(broker) ?? new RevocationWatch(broker, revocationsAction(source.name));
    watches.set(broker, watch);
    await watch.begun;
  },
  async stopping(broker) {
    await watches.get(broker)?.stop();
  },
};
