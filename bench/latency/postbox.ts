import { ServiceBroker } from "moleculer";
import Type from "typebox";
import { AckCollector } from "../../libs/acks/ack-collector.ts";
import { Database } from "../../libs/database/database.ts";
import { defineEvent } from "../../libs/events/define-event.ts";
import { handle } from "../../libs/inbox/handler.ts";
import { HandlerTable } from "../../libs/inbox/handler-table.ts";
import { InboxWorker } from "../../libs/inbox/worker.ts";
import { DeliveryMetrics } from "../../libs/messaging/metrics.ts";
import { up } from "../../libs/messaging/schema/v1.ts";
import { Outbox } from "../../libs/outbox/outbox.ts";
import { Relay } from "../../libs/relay/relay.ts";
import { freshDatabases, type Ground, serverOptions } from "../pipeline/workload.ts";
import { latencies, type Offer, offerSteadily } from "./offer.ts";

let runs = 0;

export async function measurePostbox({ config, nats }: Ground, offer: Offer): Promise<number[]> {
  runs += 1;
  const [service, target] = [`source${runs}`, `sink${runs}`];
  const counted = defineEvent({
    service,
    name: "counted",
    version: 1,
    targets: [target],
    schema: Type.Object({ n: Type.Integer() }),
  });
  await freshDatabases(config, "latency_a", "latency_b");
  const open = (name: string) => new Database({ ...serverOptions(config, name), poolSize: 10, applicationName: "bench" });
  const [a, b] = [open("latency_a"), open("latency_b")];
  for (const text of up) await Promise.all([a.query({ text }), b.query({ text })]);
  await b.query({ text: "create table effect (n integer primary key)" });
  const logger = new ServiceBroker({ logger: false }).logger;
  const metrics = new DeliveryMetrics(service);
  const relay = new Relay(a, nats, { service, logger, metrics });
  const outbox = new Outbox(a, { service, maxPayload: () => 1_000_000, onCommit: () => relay.wake() });
  const done = new Map<number, number>();
  const finished = Promise.withResolvers<void>();
  const handler = handle(counted, async ({ data }, tx) => {
    await tx.query({ name: "effect", text: "insert into effect values ($1)", values: [data.n] });
    done.set(data.n, performance.now());
    if (done.size === offer.events) finished.resolve();
  });
  const workshop = {
    models: {},
    outbox: new Outbox(b, { service: target, maxPayload: () => 1_000_000, onCommit: () => undefined }),
    stopping: new AbortController().signal,
  };
  const handlers = new HandlerTable(target, [handler]);
  const worker = new InboxWorker({ service: target, database: b, handlers, workshop, metrics }, nats, logger);
  const collector = new AckCollector(service, a, nats, logger, metrics);
  await worker.start();
  collector.start();
  while (!worker.ready || !collector.ready) await new Promise(setImmediate);
  relay.start();
  const committed = await offerSteadily(offer, (n) => a.transaction(async () => outbox.enqueue(counted, { n })));
  await finished.promise;
  for (const part of [relay, worker, collector, ...[a, b].map((database) => ({ stop: () => database.close() }))])
    await part.stop();
  return latencies(committed, done);
}
