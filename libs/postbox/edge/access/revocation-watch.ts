import { setTimeout as sleep } from "node:timers/promises";
import type { Middleware, ServiceBroker } from "moleculer";
import type { Static } from "typebox";
import { revocationSource } from "../../core/project/revocation-source.ts";
import { callAsService } from "./call-as-service.ts";
import { type Revocations, revocationsAction, type revocationsParams } from "./revocations.ts";
import { verifierOf } from "./token-verifier.ts";

/** Milliseconds between two queries. Events could be lost; a query is repeated. */
const intervalMs = 2_000;
/** Milliseconds between queries until the first answer. */
const firstIntervalMs = 100;
/** Milliseconds after which an unanswered query is sent again: its instance may be frozen, and another one gets the next. */
const answerTimeoutMs = 1_000;
/**
 * Milliseconds for which tokens from before the start are refused while nobody answers. A source that is away for longer
 * must not keep all users out.
 */
const maxUnknownMs = 30_000;

/**
 * Keeps the verifier of a broker up to date. It queries the source of revocations page after page, and after the last page
 * again every two seconds, for what was revoked since.
 */
class RevocationWatch {
  /** Settles when the first query is answered, has failed, or has timed out. */
  readonly firstRound: Promise<unknown>;
  readonly #broker: ServiceBroker;
  readonly #action: Revocations;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  readonly #startedAt = performance.now();
  /** The next query. */
  #query: Static<typeof revocationsParams> = {};
  /** `as_of` of the first page of the present round. */
  #asOf: string | undefined;
  #failing = false;

  constructor(broker: ServiceBroker, action: Revocations) {
    this.#broker = broker;
    this.#action = action;
    this.firstRound = this.#queryPages();
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let done = await this.firstRound; !this.#stopping.signal.aborted; done = await this.#queryPages())
      if (done) await this.#pause(this.#query.since === undefined ? firstIntervalMs : intervalMs);
  }

  /** Queries page after page. @returns false if a query timed out; its answer still counts when it comes. */
  async #queryPages(): Promise<boolean> {
    for (;;) {
      const outcome = await Promise.race([this.#queryPage(), this.#pause(answerTimeoutMs).then(() => "late" as const)]);
      if (outcome !== "more") return outcome === "done";
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  /** Sends one query. A failed one is repeated, and nothing is missed: an answer holds all that came after `since`. */
  async #queryPage(): Promise<"more" | "done"> {
    const query = this.#query;
    const verifier = verifierOf(this.#broker);
    try {
      // Checked first, because Moleculer logs each call of an action that nobody has.
      if (!this.#broker.registry.actions.isAvailable(this.#action.name))
        throw new Error(`Nobody answers '${this.#action.name}'.`);
      const { revoked, as_of, next } = await callAsService(this.#broker, "revocation-watch", this.#action, query);
      for (const { jti, expires_at } of revoked) verifier.revoke(jti, new Date(expires_at));
      this.#failing = false;
      // A late answer must not lead back to a query that was repeated and answered meanwhile.
      if (query !== this.#query) return "done";
      if (query.after === undefined) this.#asOf = as_of;
      if (next !== undefined) {
        this.#query = { ...query, after: next };
        return "more";
      }
      this.#query = { since: this.#asOf ?? as_of };
      verifier.forgetExpired();
      verifier.revocationsKnown();
    } catch (error) {
      if (this.#stopping.signal.aborted) return "done";
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.#failing) this.#broker.logger.warn(`Revoked tokens cannot be queried; trying again. ${reason}`);
      this.#failing = true;
      if (performance.now() - this.#startedAt > maxUnknownMs) verifier.revocationsKnown();
    }
    return "done";
  }
}

const watches = new WeakMap<ServiceBroker, RevocationWatch>();

/**
 * Tells every node which tokens are revoked: a revoked token is refused everywhere within 5 s. Services are announced after
 * the first answer, or after its timeout, so that a new node neither takes a revoked token nor refuses a good one.
 *
 * A project without a source of revocations takes every token until it expires.
 */
export const revocationWatch: Middleware = {
  name: "RevocationWatch",
  async serviceStarting({ broker }) {
    const source = revocationSource();
    if (source === undefined) return verifierOf(broker).revocationsKnown();
    const watch = watches.get(broker) ?? new RevocationWatch(broker, revocationsAction(source.name));
    watches.set(broker, watch);
    await watch.firstRound;
  },
  async stopping(broker) {
    await watches.get(broker)?.stop();
  },
};
