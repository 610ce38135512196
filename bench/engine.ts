import { setTimeout as delay } from "node:timers/promises";
import { ServiceBroker } from "moleculer";
import type { NatsConnection } from "nats";
import { AckCollector } from "../libs/acks/ack-collector.ts";
import type { Config } from "../libs/config/read.ts";
import { Database } from "../libs/database/database.ts";
import type { EventHandler } from "../libs/inbox/handler.ts";
import { HandlerTable } from "../libs/inbox/handler-table.ts";
import { InboxWorker } from "../libs/inbox/worker.ts";
import { DeliveryMetrics } from "../libs/messaging/metrics.ts";
import { engineStatements } from "../libs/migrations/engine-schema.ts";
import { Outbox } from "../libs/outbox/outbox.ts";
import { Relay } from "../libs/relay/relay.ts";
import { freshDatabases, serverOptions } from "./pipeline/workload.ts";

/** A publisher and a subscriber of the delivery engine, without the rest of a service around them. */
export interface Engine {
  readonly publisher: Database;
  readonly subscriber: Database;
  readonly outbox: Outbox;
  /** Not started: what is enqueued before it runs waits. */
  readonly relay: Relay;
  /** Starts what receives, and resolves when it does. */
  receive(): Promise<void>;
  stop(): Promise<void>;
}

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

export async function makeEngine(
  { config, nats }: { config: Config; nats: NatsConnection },
  { service, target }: Services,
  handler: EventHandler,
  effectTable: string,
): Promise<Engine> {
  await freshDatabases(config, "bench_a", "bench_b");
  const open = (name: string) =>
    new Database({ ...serverOptions(config, name), poolSize: 10, applicationName: "bench" });
  const publisher = open("bench_a");
  const subscriber = open("bench_b");
  for (const text of await engineStatements())
    await Promise.all([publisher.query({ text }), subscriber.query({ text })]);
  await subscriber.query({ text: effectTable });
  const logger = new ServiceBroker({ logger: false }).logger;
  const metrics = new DeliveryMetrics(service);
  const relay = new Relay(publisher, nats, { service, logger, metrics });
  const outboxOf = (database: Database, name: string, onCommit: () => void) =>
    new Outbox(database, { service: name, maxPayload: () => 1_000_000, onCommit });
  const workshop = {
    models: {},
    outbox: outboxOf(subscriber, target, () => undefined),
    stopping: new AbortController().signal,
  };
  const handlers = new HandlerTable(target, [handler]);
  const worker = new InboxWorker({ service: target, database: subscriber, handlers, workshop, metrics }, nats, logger);
  const collector = new AckCollector(service, publisher, nats, logger, metrics);
  return {
    publisher,
    subscriber,
    outbox: outboxOf(publisher, service, () => relay.wake()),
    relay,
    receive: async () => {
      await worker.start();
      collector.start();
      while (!worker.ready || !collector.ready) await delay(5);
    },
    stop: async () => {
      for (const part of [relay, worker, collector]) await part.stop();
      await Promise.all([publisher.close(), subscriber.close()]);
    },
  };
}
