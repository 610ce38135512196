import pg from "pg";
import { watchConnection } from "./connection-watch.ts";
import { databaseFault, endsUse } from "./fault.ts";
import { backendPid, onErrorMessage, socketOf } from "./pg-internals.ts";
import { markUnusable } from "./unusable.ts";

/**
 * Milliseconds without traffic before TCP keepalive probes begin. Ten probes follow, a second apart. The operating
 * system's default is two hours.
 */
export const keepAliveInitialDelayMillis = 5_000;

/** Milliseconds that `end` waits for the server to close the connection too. */
const closeTimeoutMs = 1_000;

/** All connected clients of this process. */
const connected = new Set<PipelinedClient>();

/**
 * A `pg` client in pipeline mode: queries are sent without waiting for the answers to earlier ones. Sequelize does not
 * pass the option `pipeline` on, but takes a `dialectModule` whose `Client` sets it.
 *
 * The client has an `error` listener of its own. A pool listens only to its idle clients, and an `error` event without a
 * listener ends the process.
 */
class PipelinedClient extends pg.Client {
  #corked = false;
  #awaitsAnswer = false;

  constructor(options?: string | pg.ClientConfig) {
    const config = typeof options === "string" ? { connectionString: options } : (options ?? {});
    super({ ...config, pipeline: true, keepAlive: true, keepAliveInitialDelayMillis });
    this.on("error", () => {
      // The query under way rejects with the same error, and the pool drops a broken client.
    });
    onErrorMessage(this, (error) => {
      // `detail` and `where` quote the row, a password hash included, and would reach every log of the error.
      error.detail = undefined;
      error.where = undefined;
      if (endsUse(error)) this.#retire(databaseFault(error) === "stale");
    });
    this.on("drain", () => {
      this.#awaitsAnswer = false;
    });
    this.on("connect", () => this.#watch(config));
  }

  #watch(options: pg.ClientConfig): void {
    connected.add(this);
    const unwatch = watchConnection({
      options,
      socket: socketOf(this),
      processId: backendPid(this),
      awaitsAnswer: () => this.#awaitsAnswer,
      onDead: (reason) => this.#destroy(reason),
    });
    this.on("end", () => {
      connected.delete(this);
      unwatch();
    });
  }

  /** @param withOthers true: what made this connection stale is true of all that were opened before. */
  #retire(withOthers: boolean): void {
    markUnusable(this);
    if (!withOthers) return;
    for (const other of connected) if (other.#isBeside(this) && other.database === this.database) markUnusable(other);
  }

  #isBeside({ host, port }: PipelinedClient): boolean {
    return this.host === host && this.port === port;
  }

  /** Idle connections to the same server are destroyed as well: they are as old, and a new connection is cheap. */
  #destroy(reason: Error): void {
    socketOf(this).destroy(reason);
    for (const other of connected)
      if (!other.#awaitsAnswer && other.getTransactionStatus() === "I" && other.#isBeside(this))
        socketOf(other).destroy(reason);
  }

  /** Bounds `end`: a dead peer never confirms the close, and whoever closes the pool would wait for it. */
  destroyAfterCloseTimeout(): void {
    const timer = setTimeout(() => socketOf(this).destroy(), closeTimeoutMs).unref();
    this.once("end", () => clearTimeout(timer));
  }

  /** Holds writes back until the end of this turn of the event loop, so that queries sent side by side cost one write. */
  cork(): void {
    this.#awaitsAnswer = true;
    if (this.#corked) return;
    this.#corked = true;
    const socket = socketOf(this);
    socket.cork();
    process.nextTick(() => {
      this.#corked = false;
      socket.uncork();
    });
  }
}

type QueryCallback = (error: Error | null, result?: unknown) => void;

/**
 * Turns a query with a callback into a promise.
 *
 * `pg` can make the promise itself, but then assigns a closure to the query after its creation. That closure makes each
 * query keep the next one from V8's collection of young objects, which doubles the time of those pauses.
 */
function promiseOf(send: (callback: QueryCallback) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    send((error, result) => (error === null ? resolve(result) : reject(error)));
  }).catch((error) => {
    // As `pg` does: from here the stack leads to the sender of the query, and not to the socket.
    Error.captureStackTrace(error);
    throw error;
  });
}

// Assigned, not overridden: `pg` declares both in overloads, and every argument is passed on.
const { query, end } = pg.Client.prototype;
PipelinedClient.prototype.query = function (this: PipelinedClient, ...args: unknown[]) {
  this.cork();
  const [statement] = args;
  // A query that brings its own callback, or is a Submittable, answers by itself.
  if (args.length > 1 || Reflect.has(Object(statement), "submit")) return Reflect.apply(query, this, args);
  return promiseOf((callback) => void Reflect.apply(query, this, [statement, callback]));
} as typeof query;
PipelinedClient.prototype.end = function (this: PipelinedClient, ...args: unknown[]) {
  this.destroyAfterCloseTimeout();
  return Reflect.apply(end, this, args);
} as typeof end;

/** What Sequelize loads instead of `pg`. */
export const pipelinedPg = { ...pg, Client: PipelinedClient };
