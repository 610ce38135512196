import { setTimeout as delay } from "node:timers/promises";
import { ServiceBroker } from "moleculer";
import { AckCollector } from "../libs/postbox/delivery/acks/ack-collector.ts";
import { Leases } from "../libs/postbox/delivery/inbox/claims/leases.ts";
import type { EventHandler } from "../libs/postbox/delivery/inbox/handlers/handler.ts";
import { HandlerTable } from "../libs/postbox/delivery/inbox/handlers/handler-table.ts";
import { InboxWorker } from "../libs/postbox/delivery/inbox/inbox-worker.ts";
import { FailureLog } from "../libs/postbox/delivery/inbox/log/failure-log.ts";
import { DeliveryMetrics } from "../libs/postbox/delivery/metrics/delivery-metrics.ts";
import { Outbox } from "../libs/postbox/delivery/outbox/outbox.ts";
import { Relay } from "../libs/postbox/delivery/relay/relay.ts";
import { engineStatements } from "../libs/postbox/delivery/schema/engine-schema.ts";
import { rehearse } from "../libs/postbox/node/runtime/rehearse.ts";
import { minConnections } from "../libs/postbox/node/runtime/service-runtime.ts";
import { Database } from "../libs/postbox/postgres/database.ts";
import { freshDatabases, type Ground, serverOptions } from "./pipeline/workload.ts";

/** What publishes: a database with an outbox, a relay, and a collector of what is acknowledged. */
export interface Publisher {
  readonly publisher: Database;
  readonly outbox: Outbox;
  /** Not started: what is enqueued before it runs waits. */
  readonly relay: Relay;
  /** Starts the collector, and resolves when it receives. */
  collect(): Promise<void>;
  stop(): Promise<void>;
}

/** What handles: a database with an inbox, and a worker. */
export interface Subscriber {
  readonly subscriber: Database;
  /** Starts the worker, and resolves when it receives. */
  receive(): Promise<void>;
  stop(): Promise<void>;
}

/** A publisher and a subscriber of the delivery engine, without the rest of a service around them. */
export interface Engine extends Omit<Publisher, "collect" | "stop">, Subscriber {}

/** Two services, named so that no run before had their streams: one that was just deleted may still be going. */
export interface Services {
  readonly service: string;
  readonly target: string;
}

let runs = 0;

export function newServices(): Services {
  runs += 1;
  return { service: `source${runs}`, target: `sink${runs}` };
}

type Servers = Pick<Ground, "config" | "nats">;

const { logger } = new ServiceBroker({ logger: false });

async function openEngineDatabase({ config }: Servers, name: string): Promise<Database> {
  await freshDatabases(config, name);
  const database = new Database({
    ...serverOptions(config, name),
    poolSize: 10,
    minConnections: minConnections,
    applicationName: "bench",
  });
  for (const text of engineStatements()) await database.query({ text });
  await database.open(rehearse);
  return database;
}

const maxPayload = () => 1_000_000;

export async function makePublisher(servers: Servers, { service }: Services): Promise<Publisher> {
  const publisher = await openEngineDatabase(servers, "bench_a");
  const metrics = new DeliveryMetrics(service);
  const relay = new Relay(publisher, servers.nats, { service, logger, metrics });
  const collector = new AckCollector(service, publisher, servers.nats, logger, metrics);
  return {
    publisher,
    outbox: new Outbox(publisher, { service, maxPayload, onCommit: () => relay.wake(), direct: relay }),
    relay,
    collect: async () => {
      collector.start();
      while (!collector.ready) await delay(5);
    },
    stop: async () => {
      await relay.stop();
      await collector.stop();
      await publisher.close();
    },
  };
}

export async function makeSubscriber(
  servers: Servers,
  { target }: Services,
  handler: EventHandler,
  effectTable: string,
): Promise<Subscriber> {
  const subscriber = await openEngineDatabase(servers, "bench_b");
  await subscriber.query({ text: effectTable });
  const dependencies = {
    models: {},
    outbox: new Outbox(subscriber, { service: target, maxPayload, onCommit: () => undefined }),
    stopping: new AbortController().signal,
  };
  const handlers = new HandlerTable(target, [handler]);
  const metrics = new DeliveryMetrics(target);
  const worker = new InboxWorker(
    {
      service: target,
      database: subscriber,
      handlers,
      dependencies,
      leases: new Leases(subscriber),
      metrics,
      failures: new FailureLog(logger),
    },
    servers.nats,
    logger,
  );
  return {
    subscriber,
    receive: async () => {
      worker.start();
      while (!worker.ready) await delay(5);
    },
    stop: async () => {
      await worker.stop();
      await subscriber.close();
    },
  };
}

export async function makeEngine(
  servers: Servers,
  services: Services,
  handler: EventHandler,
  effectTable: string,
): Promise<Engine> {
  const { collect, stop: stopPublisher, ...publisher } = await makePublisher(servers, services);
  const {
    receive,
    stop: stopSubscriber,
    ...subscriber
  } = await makeSubscriber(servers, services, handler, effectTable);
  return {
    ...publisher,
    ...subscriber,
    receive: async () => {
      await Promise.all([receive(), collect()]);
    },
    stop: async () => {
      await stopPublisher();
      await stopSubscriber();
    },
  };
}
