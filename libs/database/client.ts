import pg from "pg";

/**
 * A `pg` client in pipeline mode: queries are sent without waiting for the answers of earlier ones. Sequelize does
 * not pass that option on, but takes a `dialectModule` whose `Client` sets it.
 *
 * It carries an error listener of its own, because a client checked out of a pool is not covered by the pool's, and
 * an `error` event nobody listens to ends the process.
 */
class PipelinedClient extends pg.Client {
  constructor(options?: string | pg.ClientConfig) {
    super({ ...(typeof options === "string" ? { connectionString: options } : options), pipeline: true });
    this.on("error", () => {
      // The query under way is rejected with the same error; a broken client is not handed out again.
    });
  }
}

/** What Sequelize loads instead of `pg`. */
export const pipelinedPg = { ...pg, Client: PipelinedClient };
