import { ServiceBroker } from "moleculer";
import Type, { type Static } from "typebox";
import { AckCollector } from "../../libs/acks/ack-collector.ts";
import { Database } from "../../libs/database/database.ts";
import { defineEvent, type EventDefinition } from "../../libs/events/define-event.ts";
import { type EventHandler, type HandlerTransaction, handle, handleMany } from "../../libs/inbox/handler.ts";
import { HandlerTable } from "../../libs/inbox/handler-table.ts";
import { InboxWorker } from "../../libs/inbox/worker.ts";
import { DeliveryMetrics } from "../../libs/messaging/metrics.ts";
import { up } from "../../libs/messaging/schema/v1.ts";
import { Outbox } from "../../libs/outbox/outbox.ts";
import { Relay } from "../../libs/relay/relay.ts";
import { effectTable, freshDatabases, type Ground, inThousands, payload, rate, type Subject, serverOptions } from "./workload.ts";

const User = Type.Object({
  user: Type.Object({
    id: Type.String(),
    username: Type.String(),
    email: Type.String(),
    role: Type.String(),
    created_at: Type.String(),
  }),
});

const insert = (user: Static<typeof User>["user"]) => ({
  name: "effect",
  text: "insert into effect values ($1, $2)",
  values: [user.id, user.username],
});

type Mode = "sequential" | "concurrent" | "set-based" | "keyed";

/** Counts runs: each has streams of its own, since one that was just deleted may still be going. */
let runs = 0;

/** The event and the handler of one run, between two services that no run before it had. */
function define(mode: Mode): { service: string; target: string; created: EventDefinition<typeof User>; handler: EventHandler } {
  runs += 1;
  const service = `bench${runs}`;
  const target = `target${runs}`;
  const created = defineEvent({
    service,
    name: "created",
    version: 1,
    targets: [target],
    schema: User,
    ...(mode === "keyed" && { key: ({ user }: Static<typeof User>) => user.id.slice(0, 2) }),
  });
  if (mode === "set-based")
    return {
      service,
      target,
      created,
      handler: handleMany(created, async (messages, tx) => {
        await tx.query({
          name: "effects",
          text: "insert into effect select unnest($1::uuid[]), unnest($2::text[])",
          values: [messages.map(({ data }) => data.user.id), messages.map(({ data }) => data.user.username)],
        });
      }),
    };
  const one = async ({ data }: { data: Static<typeof User> }, tx: HandlerTransaction) =>
    void (await tx.query(insert(data.user)));
  return { service, target, created, handler: handle(created, one, { mode: mode === "sequential" ? "sequential" : "concurrent" }) };
}

export const postbox: readonly Subject[] = (["sequential", "concurrent", "set-based", "keyed"] as const).map((mode) => ({
  subject: "postbox",
  mode,
  run: (ground) => run(ground, mode),
}));

async function run({ config, nats, events }: Ground, mode: Mode): Promise<number> {
  const { service, target, created, handler } = define(mode);
  await freshDatabases(config, "bench_a", "bench_b");
  const [a, b] = ["bench_a", "bench_b"].map(
    (name) => new Database({ ...serverOptions(config, name), poolSize: 10, applicationName: "bench" }),
  ) as [Database, Database];
  for (const text of up) await Promise.all([a.query({ text }), b.query({ text })]);
  await b.query({ text: effectTable });
  const logger = new ServiceBroker({ logger: false }).logger;
  const metrics = new DeliveryMetrics(service);
  const outbox = new Outbox(a, { service, maxPayload: () => 1_000_000, onCommit: () => undefined });
  await inThousands(events, (count) =>
    a.transaction(async () => {
      for (let i = 0; i < count; i++) outbox.enqueue(created, payload());
    }),
  );
  const workshop = {
    models: {},
    outbox: new Outbox(b, { service: target, maxPayload: () => 1_000_000, onCommit: () => undefined }),
    stopping: new AbortController().signal,
  };
  const context = { service: target, database: b, handlers: new HandlerTable(target, [handler]), workshop, metrics };
  const worker = new InboxWorker(context, nats, logger);
  const collector = new AckCollector(service, a, nats, logger, metrics);
  await worker.start();
  collector.start();
  while (!worker.ready || !collector.ready) await new Promise(setImmediate);

  const relay = new Relay(a, nats, { service, logger, metrics });
  const start = performance.now();
  relay.start();
  for (;;) {
    const { rows } = await a.query<{ open: boolean }>({
      name: "bench-open",
      text: "select exists (select from event_outbox where status = 'pending') or exists (select from event_outbox where status in ('published')) or exists (select from event_outbox where status in ('scheduled', 'received')) as open",
    });
    if (rows[0]?.open === false) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const perSecond = rate(events, performance.now() - start);
  await relay.stop();
  await worker.stop();
  await collector.stop();
  const { rows } = await b.query<{ count: number }>({ text: "select count(*)::int from effect" });
  if (rows[0]?.count !== events) throw new Error(`${rows[0]?.count} effects for ${events} events`);
  await Promise.all([a.close(), b.close()]);
  return perSecond;
}
