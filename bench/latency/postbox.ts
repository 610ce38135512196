import Type from "typebox";
import { handle } from "../../libs/postbox/delivery/inbox/handlers/handler.ts";
import { defineEvent } from "../../libs/postbox/delivery/wire/define-event.ts";
import { makeEngine, newServices } from "../engine.ts";
import type { Ground } from "../pipeline/workload.ts";
import { latencies, type Offer, offerSteadily } from "./offer.ts";

export async function measurePostbox(ground: Ground, offer: Offer): Promise<number[]> {
  const services = newServices();
  const counted = defineEvent({
    service: services.service,
    name: "counted",
    version: 1,
    targets: [services.target],
    schema: Type.Object({ n: Type.Integer() }),
  });
  const done = new Map<number, number>();
  const finished = Promise.withResolvers<void>();
  const handler = handle(counted, async ({ data }, tx) => {
    await tx.query({ name: "effect", text: "insert into effect values ($1)", values: [data.n] });
    // A job's effect at graphile-worker is committed when its statement ends; here it is when the batch is.
    engine.subscriber.current?.afterCommit(() => {
      done.set(data.n, performance.now());
      if (done.size === offer.events) finished.resolve();
    });
  });
  const engine = await makeEngine(ground, services, handler, "create table effect (n integer primary key)");
  await engine.receive();
  engine.relay.start();
  const committed = await offerSteadily(offer, (n) =>
    engine.outbox.transaction(async (tx) => tx.enqueue(counted, { n })),
  );
  await finished.promise;
  await engine.stop();
  return latencies(committed, done);
}
