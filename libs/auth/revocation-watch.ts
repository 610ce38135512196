import { setTimeout as sleep } from "node:timers/promises";
import type { Middleware, ServiceBroker } from "moleculer";
import { revocations } from "./actions.ts";
import { callAsService } from "./call-as-service.ts";
import { verifierOf } from "./verifier.ts";

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
  readonly #over = new AbortController();
  readonly #running: Promise<void>;
  readonly #startedAt = performance.now();
  #since: string | undefined;
  #failing = false;

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
    this.begun = this.#askPatiently();
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let over = await this.begun; !this.#over.signal.aborted; over = await this.#askPatiently())
      if (over) await this.#pause(this.#since === undefined ? firstIntervalMs : intervalMs);
  }

  /** Whether the question is over. If not, it stays open, and its answer is welcome when it comes. */
  #askPatiently(): Promise<boolean> {
    return Promise.race([this.#ask().then(() => true), this.#pause(patienceMs).then(() => false)]);
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#over.signal }).catch(() => undefined);
  }

  /** What cannot be asked now is asked again: an answer holds all that came after `since`. */
  async #ask(): Promise<void> {
    const since = this.#since;
    const verifier = verifierOf(this.#broker);
    try {
      // Asked first, because Moleculer logs each call of an action that nobody has.
      if (!this.#broker.registry.actions.isAvailable(revocations.name)) throw new Error("No auth service is there.");
      const { revoked, as_of } = await callAsService(this.#broker, "revocation-watch", revocations, {
        ...(since !== undefined && { since }),
      });
      for (const { jti, expires_at } of revoked) verifier.revoke(jti, new Date(expires_at));
      verifier.prune();
      verifier.see();
      this.#since = as_of;
      this.#failing = false;
    } catch (error) {
      if (this.#over.signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.#failing) this.#broker.logger.warn(`Revoked tokens cannot be asked for; asking on. ${reason}`);
      this.#failing = true;
      if (performance.now() - this.#startedAt > blindMs) verifier.see();
    }
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
    const watch = watches.get(broker) ?? new RevocationWatch(broker);
    watches.set(broker, watch);
    await watch.begun;
  },
  async stopping(broker) {
    await watches.get(broker)?.stop();
  },
};
