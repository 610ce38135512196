import type { Socket } from "node:net";
import pg from "pg";
import { watchConnection } from "./connection-watch.ts";

/** A peer that is gone without a word is noticed after this and ten probes a second apart; the system's default is 2 h. */
export const keepAliveInitialDelayMillis = 5_000;

/** How long the end of a connection waits for the server to close it too, in milliseconds. */
const farewellMs = 1_000;

/** The protocol underneath; not in the type declarations. */
interface Connection {
  readonly stream: Socket;
  on(event: "errorMessage", listener: (error: pg.DatabaseError) => void): void;
}

/** Clients that are connected. */
const connected = new Set<PipelinedClient>();

/**
 * A `pg` client in pipeline mode: queries are sent without waiting for the answers of earlier ones. Sequelize does
 * not pass that option on, but takes a `dialectModule` whose `Client` sets it.
 *
 * It carries an error listener of its own, because a client checked out of a pool is not covered by the pool's, and
 * an `error` event nobody listens to ends the process.
 */
class PipelinedClient extends pg.Client {
  #gathering = false;
  #owed = false;

  constructor(options?: string | pg.ClientConfig) {
    const given = typeof options === "string" ? { connectionString: options } : (options ?? {});
    super({ ...given, pipeline: true, keepAlive: true, keepAliveInitialDelayMillis });
    this.on("error", () => {
      // The query under way is rejected with the same error; a broken client is not handed out again.
    });
    this.#connection.on("errorMessage", (error) => {
      // They hold the row, with the hash of a password in it, and whatever logs the error would log them.
      error.detail = undefined;
      error.where = undefined;
    });
    this.on("drain", () => {
      this.#owed = false;
    });
    this.on("connect", () => this.#watch(given));
  }

  get #connection(): Connection {
    return (this as unknown as { connection: Connection }).connection;
  }

  get #stream(): Socket {
    return this.#connection.stream;
  }

  #watch(options: pg.ClientConfig): void {
    connected.add(this);
    const { processID } = this as unknown as { processID: number | null };
    const unwatch = watchConnection({
      options,
      stream: this.#stream,
      processID,
      owes: () => this.#owed,
      giveUp: (reason) => this.#giveUp(reason),
    });
    this.on("end", () => {
      connected.delete(this);
      unwatch();
    });
  }

  /** Those to the same server that are idle go as well: they are as old, and a new one is cheap. */
  #giveUp(reason: Error): void {
    this.#stream.destroy(reason);
    for (const other of connected)
      if (!other.#owed && other.getTransactionStatus() === "I" && other.host === this.host && other.port === this.port)
        other.#stream.destroy(reason);
  }

  /** A line that goes nowhere would never tell its end, and what closes its connections would wait for it. */
  hangUpSoon(): void {
    const timer = setTimeout(() => this.#stream.destroy(), farewellMs).unref();
    this.once("end", () => clearTimeout(timer));
  }

  /** Gathers what is sent in this turn of the event loop, so that queries side by side cost one write together. */
  gather(): void {
    this.#owed = true;
    if (this.#gathering) return;
    this.#gathering = true;
    const stream = this.#stream;
    stream.cork();
    process.nextTick(() => {
      this.#gathering = false;
      stream.uncork();
    });
  }
}

/**
 * A promise made around a callback that is there when the query is. `pg` assigns its own to the query afterwards, and
 * with that each query keeps the next one from V8's collection of young objects, until the next full one: half of the
 * time of those pauses.
 */
function answer(send: (callback: (error: Error | null, result?: unknown) => void) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    send((error, result) => (error === null ? resolve(result) : reject(error)));
  }).catch((error) => {
    // As `pg` does: from here it leads to who sent the query, and not to the socket.
    Error.captureStackTrace(error);
    throw error;
  });
}

// Assigned, not overridden: both are declared in overloads, and all are passed on as they are.
const { query, end } = pg.Client.prototype;
PipelinedClient.prototype.query = function (this: PipelinedClient, ...args: unknown[]) {
  this.gather();
  const [statement] = args;
  // With a callback, or a query that carries its own.
  if (args.length > 1 || Reflect.has(Object(statement), "submit")) return Reflect.apply(query, this, args);
  return answer((callback) => void Reflect.apply(query, this, [statement, callback]));
} as typeof query;
PipelinedClient.prototype.end = function (this: PipelinedClient, ...args: unknown[]) {
  this.hangUpSoon();
  return Reflect.apply(end, this, args);
} as typeof end;

/** What Sequelize loads instead of `pg`. */
export const pipelinedPg = { ...pg, Client: PipelinedClient };
