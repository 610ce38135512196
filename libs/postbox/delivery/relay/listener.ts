import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { DatabaseOptions } from "../../postgres/connection/database-options.ts";
import { socketOf } from "../../postgres/connection/pg-internals.ts";
import { keepAliveInitialDelayMillis } from "../../postgres/connection/pipelined-client.ts";
import { outboxChannel } from "../outbox/outbox-channel.ts";

/**
 * Listens for `NOTIFY postbox_outbox` on a connection of its own: a pool would give its connection to others, and a
 * transaction pooler breaks LISTEN. A lost connection is opened again, and so is one that has reached its age. The
 * relay's sweep finds the events of which no notification came meanwhile.
 */
export class OutboxListener {
  readonly #options: DatabaseOptions;
  readonly #onNotify: () => void;
  readonly #stopping = new AbortController();
  #client: pg.Client | undefined;
  #running: Promise<void> | undefined;

  constructor(options: DatabaseOptions, onNotify: () => void) {
    this.#options = options;
    this.#onNotify = onNotify;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#client) hangUp(this.#client);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#listen().catch(() => undefined);
      await delay(1_000, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Resolves when the connection has ended. */
  async #listen(): Promise<void> {
    const { host, port, user, password, database, applicationName } = this.#options;
    const client = new pg.Client({
      host,
      port,
      user,
      password,
      database,
      application_name: `${applicationName}-listen`,
      keepAlive: true,
      keepAliveInitialDelayMillis,
      connectionTimeoutMillis: 5_000,
    });
    const ended = new Promise<void>((resolve) => client.once("end", resolve));
    client.on("error", () => hangUp(client));
    client.on("notification", this.#onNotify);
    this.#client = client;
    const { connectionAgeMs } = this.#options;
    const retiring = connectionAgeMs && setTimeout(() => hangUp(client), connectionAgeMs).unref();
    try {
      await client.connect();
      if (this.#stopping.signal.aborted) return;
      await client.query(`listen ${outboxChannel}`);
      this.#onNotify();
      await ended;
    } finally {
      clearTimeout(retiring);
      hangUp(client);
    }
  }
}

/** Closes the socket at once: over a link that is cut, the protocol's goodbye would never end. */
function hangUp(client: pg.Client): void {
  socketOf(client).destroy();
}
