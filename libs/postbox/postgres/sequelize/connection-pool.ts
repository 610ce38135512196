import type pg from "pg";
import { ConnectionAcquireTimeoutError, type Sequelize } from "sequelize";
import type { DatabaseOptions } from "../connection/database-options.ts";
import { isUnusable, markUnusable } from "../connection/unusable.ts";
import type { WorkKind } from "../connection/work-kind.ts";
import { openSequelize } from "./open-sequelize.ts";
import { type ConnectionManager, interceptConnections } from "./sequelize-internals.ts";

type Current = Parameters<typeof openSequelize>[1];

/**
 * Connections that requests leave to the runtime: as many as one event needs on its way, but a third of the pool at most.
 * A pool below the smallest size that can be configured is some tool's own.
 */
const reserveOf = (poolSize: number) => (poolSize < 4 ? 0 : Math.min(3, Math.floor(poolSize / 3)));

/** How long a request waits for a connection, in milliseconds, where the options do not say. */
const defaultAcquireMs = 4_000;

/**
 * The connections of one database: those of Sequelize's own pool, with three rules.
 *
 * - Requests cannot take all of them. Requests that wait for a lock would otherwise keep the relay, the worker and the
 *   scheduler from their work, and each lock from being released that an event holds.
 * - A connection is closed instead of being given to somebody else once it is unusable (`endsUse`).
 * - No connection lives for ever. One that is in use when its time is over is closed when it is given back.
 */
export class ConnectionPool {
  readonly sequelize: Sequelize;
  readonly #own: ConnectionManager;
  readonly #acquireMs: number;
  readonly #ageMs: number | undefined;
  /** Connections that somebody has, with what for. */
  readonly #held = new Map<pg.Client, WorkKind>();
  /** Requests that wait until one of those connections is given back that requests may use. */
  readonly #waiting = new Set<() => void>();
  #freeForRequests: number;

  constructor(options: DatabaseOptions, current: Current) {
    this.sequelize = openSequelize(options, current);
    this.#acquireMs = options.acquireMs ?? defaultAcquireMs;
    this.#ageMs = options.connectionAgeMs;
    this.#freeForRequests = options.poolSize - reserveOf(options.poolSize);
    // Models take their connections by themselves, as requests.
    this.#own = interceptConnections(this.sequelize, {
      getConnection: () => this.acquire("request"),
      releaseConnection: (connection) => this.release(connection),
      destroyConnection: (connection) => this.destroy(connection),
    });
    this.sequelize.addHook("afterConnect", (connection) => this.#retireLater(connection as pg.Client));
  }

  /**
   * Takes a connection. Give it back by `release` or `destroy`.
   *
   * @throws Sequelize's ConnectionError if there is none to be had, for a request within `acquireMs`.
   */
  async acquire(kind: WorkKind): Promise<pg.Client> {
    const connection = await (kind === "request" ? this.#acquireForRequest() : this.#own.getConnection(write));
    this.#held.set(connection, kind);
    return connection;
  }

  release(connection: pg.Client): void {
    if (isUnusable(connection)) void this.destroy(connection).catch(() => undefined);
    else {
      this.#forget(connection);
      this.#own.releaseConnection(connection);
    }
  }

  /** Closes a connection in an unknown state. */
  async destroy(connection: pg.Client): Promise<void> {
    this.#forget(connection);
    await this.#own.destroyConnection(connection);
  }

  async #acquireForRequest(): Promise<pg.Client> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new ConnectionAcquireTimeoutError(new Error(`All are taken for ${this.#acquireMs} ms.`))),
      this.#acquireMs,
    );
    let acquired: Promise<pg.Client> | undefined;
    try {
      if (this.#freeForRequests > 0) this.#freeForRequests -= 1;
      else await this.#turn(late.promise);
      acquired = this.#own.getConnection(write);
      return await Promise.race([acquired, late.promise]);
    } catch (error) {
      // One that comes too late is given back.
      acquired?.then(
        (connection) => this.#own.releaseConnection(connection),
        () => undefined,
      );
      if (acquired) this.#endTurn();
      throw error;
    } finally {
      clearTimeout(timer);
      late.promise.catch(() => undefined);
    }
  }

  /** Waits for a connection that requests may use. Whoever gives it back hands it over. */
  async #turn(late: Promise<never>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    try {
      await Promise.race([promise, late]);
    } catch (error) {
      // It may have been handed over in this very moment.
      if (!this.#waiting.delete(resolve)) this.#endTurn();
      throw error;
    }
  }

  #endTurn(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#freeForRequests += 1;
    else {
      this.#waiting.delete(next);
      next();
    }
  }

  #forget(connection: pg.Client): void {
    const kind = this.#held.get(connection);
    this.#held.delete(connection);
    if (kind === "request") this.#endTurn();
  }

  /** With jitter, so that connections which were opened together are not replaced together. */
  #retireLater(connection: pg.Client): void {
    if (this.#ageMs === undefined) return;
    const timer = setTimeout(
      () => {
        markUnusable(connection);
        if (!this.#held.has(connection)) void this.#own.destroyConnection(connection).catch(() => undefined);
      },
      this.#ageMs * (0.9 + Math.random() * 0.2),
    ).unref();
    connection.once("end", () => clearTimeout(timer));
  }
}

const write = { type: "write" } as const;
