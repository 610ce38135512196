import { setTimeout as sleep } from "node:timers/promises";
import type { Middleware, ServiceBroker } from "moleculer";
import { revocations } from "./actions.ts";
import { callAsService } from "./call-as-service.ts";
import { verifierOf } from "./verifier.ts";

/** How often auth is asked which tokens were revoked. An event could be lost; a question is asked again. */
const intervalMs = 2_000;

/** Tells the verifier of a broker which tokens were revoked, from its start to its end. */
class RevocationWatch {
  readonly #broker: ServiceBroker;
  readonly #over = new AbortController();
  readonly #running: Promise<void>;
  #since: string | undefined;
  #failing = false;

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      await this.#ask();
      await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** What cannot be asked now is asked again: an answer holds all that came after `since`. */
  async #ask(): Promise<void> {
    const since = this.#since;
    try {
      // Asked first, because Moleculer logs each call of an action that nobody has.
      if (!this.#broker.registry.actions.isAvailable(revocations.name)) throw new Error("No auth service is there.");
      const { revoked, as_of } = await callAsService(this.#broker, "revocation-watch", revocations, {
        ...(since !== undefined && { since }),
      });
      const verifier = verifierOf(this.#broker);
      for (const { jti, expires_at } of revoked) verifier.revoke(jti, new Date(expires_at));
      verifier.prune();
      this.#since = as_of;
      this.#failing = false;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.#failing) this.#broker.logger.warn(`Revoked tokens cannot be asked for; asking on. ${reason}`);
      this.#failing = true;
    }
  }
}

const watches = new WeakMap<ServiceBroker, RevocationWatch>();

/** Keeps the verifier of every node up to date: a revoked token ends within 5 s everywhere. */
export const revocationWatch: Middleware = {
  name: "RevocationWatch",
  async started(broker) {
    watches.set(broker, new RevocationWatch(broker));
  },
  async stopping(broker) {
    await watches.get(broker)?.stop();
  },
};
