import { setTimeout as delay } from "node:timers/promises";
import Type, { type Static } from "typebox";
import {
  type EventHandler,
  type HandlerTransaction,
  handle,
  handleMany,
} from "../../libs/postbox/delivery/inbox/handlers/handler.ts";
import { defineEvent, type EventDefinition } from "../../libs/postbox/delivery/wire/define-event.ts";
import type { Database } from "../../libs/postbox/postgres/database.ts";
import { makeEngine, newServices, type Services } from "../engine.ts";
import { effectTable, type Ground, inThousands, payload, rate, type Subject } from "./workload.ts";

const User = Type.Object({
  user: Type.Object({
    id: Type.String(),
    username: Type.String(),
    email: Type.String(),
    role: Type.String(),
    created_at: Type.String(),
  }),
});

/** The name of a user whose event cannot be handled. */
const failing = "fails";

const insert = (user: Static<typeof User>["user"]) => ({
  name: "effect",
  text: "insert into effect values ($1, $2)",
  values: [user.id, user.username],
});

type Mode = "sequential" | "concurrent" | "set-based" | "keyed";

interface Defined {
  readonly created: EventDefinition<typeof User>;
  readonly handler: EventHandler;
}

/** The event and the handler of one run. A user named `fails` makes the handler throw. */
function define(mode: Mode, { service, target }: Services): Defined {
  const created = defineEvent({
    service,
    name: "created",
    version: 1,
    targets: [target],
    schema: User,
    ...(mode === "keyed" && { key: ({ user }: Static<typeof User>) => user.id.slice(0, 2) }),
  });
  if (mode === "set-based") return { created, handler: handleMany(created, insertMany) };
  return {
    created,
    handler: handle(created, insertOne, { mode: mode === "sequential" ? "sequential" : "concurrent" }),
  };
}

async function insertOne({ data: { user } }: { data: Static<typeof User> }, tx: HandlerTransaction): Promise<void> {
  if (user.username === failing) throw new Error("This one fails.");
  await tx.query(insert(user));
}

async function insertMany(messages: readonly { data: Static<typeof User> }[], tx: HandlerTransaction): Promise<void> {
  await tx.query({
    name: "effects",
    text: "insert into effect select unnest($1::uuid[]), unnest($2::text[])",
    values: [messages.map(({ data }) => data.user.id), messages.map(({ data }) => data.user.username)],
  });
}

export const postbox: readonly Subject[] = (["sequential", "concurrent", "set-based", "keyed"] as const).map(
  (mode) => ({
    subject: "postbox",
    mode,
    run: (ground) => run(ground, mode),
  }),
);

async function run(ground: Ground, mode: Mode): Promise<number> {
  const { events, history = 0, failingPerThousand = 0 } = ground;
  const services = newServices();
  const { created, handler } = define(mode, services);
  const engine = await makeEngine(ground, services, handler, effectTable);
  const { publisher, subscriber, outbox, relay } = engine;
  if (history > 0) await fillHistory(publisher, subscriber, history);
  let made = 0;
  let failures = 0;
  await inThousands(events, (count) =>
    outbox.transaction(async (tx) => {
      for (let i = 0; i < count; i++) {
        const { user } = payload();
        const fails = ++made % 1_000 < failingPerThousand;
        if (fails) failures += 1;
        tx.enqueue(created, { user: fails ? { ...user, username: failing } : user });
      }
    }),
  );
  await engine.receive();
  const start = performance.now();
  relay.start();
  while (await hasUnanswered(publisher)) await delay(5);
  const perSecond = rate(events - failures, performance.now() - start);
  await engine.stop();
  return perSecond;
}

/** Whether an event is neither processed nor kept by its subscriber for another try. */
async function hasUnanswered(publisher: Database): Promise<boolean> {
  const { rows } = await publisher.query<{ open: boolean }>({
    name: "bench-open",
    text: `select exists (select from event_outbox where status = 'pending')
      or exists (select from event_outbox where status = 'published') as open`,
  });
  return rows[0]?.open ?? true;
}

/** Processed rows, as if this many events had gone before. */
async function fillHistory(publisher: Database, subscriber: Database, rows: number): Promise<void> {
  const id = "uuidv7(make_interval(secs => -n))";
  await publisher.query({
    text: `insert into event_outbox (id, event_type, version, target, data, payload_hash, status, published_at, processed_at)
      select ${id}, 'bench.created', 1, 'target', '{"user": {"username": "alice", "email": "a@b.c"}}', 'hash', 'processed', now(), now()
      from generate_series(1, $1::int) as n`,
    values: [rows],
  });
  await subscriber.query({
    text: `insert into event_inbox (id, source, event_type, version, payload_hash)
      select ${id}, 'bench', 'bench.created', 1, 'hash' from generate_series(1, $1::int) as n`,
    values: [rows],
  });
  for (const [database, table] of [
    [publisher, "event_outbox"],
    [subscriber, "event_inbox"],
  ] as const)
    await database.query({ text: `vacuum analyze ${table}` });
}
