import type { Logger, ServiceBroker } from "moleculer";
import type { NatsConnection } from "nats";
import type { Sequelize } from "sequelize";
import { config } from "../../core/configuration/config.ts";
import type { Models } from "../../delivery/inbox/handlers/handler.ts";
import { type EventSteps, eventSteps } from "../../delivery/log/event-steps.ts";
import { DeliveryMetrics } from "../../delivery/metrics/delivery-metrics.ts";
import { countOpen } from "../../delivery/operations/count-open.ts";
import { Outbox } from "../../delivery/outbox/outbox.ts";
import { OutboxListener } from "../../delivery/relay/listener.ts";
import { Relay } from "../../delivery/relay/relay.ts";
import { connectNats } from "../../nats/connection/connect.ts";
import { databaseOptions } from "../../postgres/connection/database-options.ts";
import { postgresUnavailable } from "../../postgres/connection/unavailable.ts";
import { untilAvailable } from "../../postgres/connection/until-available.ts";
import { Database } from "../../postgres/database.ts";
import { addReadinessCheck } from "../../telemetry/readiness.ts";
import { rehearse } from "./rehearse.ts";

/** Bytes of a payload at most, until the broker has told its own limit: the default of NATS. */
const defaultMaxPayload = 1024 * 1024;

/**
 * Connections that stay open when idle: as many as one event needs on its way through a service. The first event after a
 * quiet time then waits for none.
 */
export const minConnections = 3;

/**
 * What the API, the worker and the scheduler of one service share in one process: database, models, connection to NATS,
 * outbox, and the relay that empties the outbox.
 */
export class ServiceRuntime<M extends Models = Models> {
  readonly name: string;
  readonly database: Database;
  readonly models: M;
  readonly metrics: DeliveryMetrics;
  readonly outbox: Outbox;
  readonly logger: Logger;
  /** The log of events' steps; undefined unless LOG_LEVEL asks for it. */
  readonly steps: EventSteps | undefined;
  readonly #broker: ServiceBroker;
  readonly #closers: (() => unknown)[] = [];
  readonly #closing = new AbortController();
  #nats: NatsConnection | undefined;
  #relay: Relay | undefined;

  constructor(broker: ServiceBroker, name: string, defineModels: (sequelize: Sequelize) => M) {
    this.#broker = broker;
    this.name = name;
    this.logger = broker.getLogger(`postbox-${name}`);
    this.steps = eventSteps(this.logger, config().LOG_LEVEL);
    this.database = new Database({ ...databaseOptions(config(), name), minConnections: minConnections });
    this.models = defineModels(this.database.sequelize);
    this.metrics = new DeliveryMetrics(name);
    this.outbox = new Outbox(this.database, {
      service: name,
      maxPayload: () => this.#nats?.info?.max_payload ?? defaultMaxPayload,
      onCommit: () => this.#relay?.wake(),
      direct: {
        accepts: (rows) => this.#relay?.accepts(rows) ?? false,
        publish: (rows) => this.#relay?.publish(rows),
      },
      steps: this.steps,
    });
  }

  /** The connection to NATS. @throws TypeError while the runtime is not open. */
  get nats(): NatsConnection {
    if (this.#nats === undefined) throw new TypeError(`The runtime of '${this.name}' is not open.`);
    return this.#nats;
  }

  /** Has the relay look for events to publish now. */
  wakeRelay(): void {
    this.#relay?.wake();
  }

  /** Connects to Postgres and NATS, and starts the relay. While Postgres is away it waits, and the process is not ready. */
  async open(): Promise<void> {
    this.#closers.push(addReadinessCheck(this.#broker, `postgres:${this.name}`, () => this.database.check()));
    await this.#openDatabase();
    const nats = await connectNats(config(), `postbox-${this.name}`);
    this.#nats = nats;
    const relay = new Relay(this.database, nats, {
      service: this.name,
      logger: this.logger,
      metrics: this.metrics,
      steps: this.steps,
    });
    this.#relay = relay;
    relay.start();
    const listener = new OutboxListener(this.database.options, () => relay.wake());
    listener.start();
    this.#closers.push(
      DeliveryMetrics.refreshedBy(() => countOpen(this.database.as("relay"), this.metrics).catch(() => undefined)),
      addReadinessCheck(this.#broker, `nats:${this.name}`, async () => {
        await nats.flush();
      }),
      addReadinessCheck(this.#broker, `relay:${this.name}`, () => {
        if (!relay.ready) throw new Error("the last batch could not be published");
      }),
      () => listener.stop(),
    );
  }

  /** The log says once that it waits, and once that it goes on. */
  async #openDatabase(): Promise<void> {
    let waits = false;
    await untilAvailable(() => this.database.open(rehearse), {
      signal: this.#closing.signal,
      onWait: (error) => {
        if (!waits) this.logger.warn(`${postgresUnavailable(this.database.options, error).message} It is waited for.`);
        waits = true;
      },
    });
    if (waits) this.logger.info("Postgres is there; the start goes on");
  }

  /** Lets the relay finish what it is publishing, then closes the connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const closer of this.#closers.splice(0)) await closer();
    await this.#relay?.stop();
    await this.#nats?.close();
    await this.database.close();
  }
}
