import pg from "pg";

/** A peer that is gone without a word is noticed after this and ten probes a second apart; the system's default is 2 h. */
const keepAliveInitialDelayMillis = 5_000;

/**
 * A `pg` client in pipeline mode: queries are sent without waiting for the answers of earlier ones. Sequelize does
 * not pass that option on, but takes a `dialectModule` whose `Client` sets it.
 *
 * It carries an error listener of its own, because a client checked out of a pool is not covered by the pool's, and
 * an `error` event nobody listens to ends the process.
 */
class PipelinedClient extends pg.Client {
  #gathering = false;

  constructor(options?: string | pg.ClientConfig) {
    super({
      ...(typeof options === "string" ? { connectionString: options } : options),
      pipeline: true,
      keepAlive: true,
      keepAliveInitialDelayMillis,
    });
    this.on("error", () => {
      // The query under way is rejected with the same error; a broken client is not handed out again.
    });
  }

  /** Gathers what is sent in this turn of the event loop, so that queries side by side cost one write together. */
  gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    const { stream } = (this as unknown as { connection: { stream: { cork(): void; uncork(): void } } }).connection;
    stream.cork();
    process.nextTick(() => {
      this.#gathering = false;
      stream.uncork();
    });
  }
}

// Assigned, not overridden: `query` is declared in many overloads, and all are passed on as they are.
const { query } = pg.Client.prototype;
PipelinedClient.prototype.query = function (this: PipelinedClient, ...args: unknown[]) {
  this.gather();
  return Reflect.apply(query, this, args);
} as typeof query;

/** What Sequelize loads instead of `pg`. */
export const pipelinedPg = { ...pg, Client: PipelinedClient };
