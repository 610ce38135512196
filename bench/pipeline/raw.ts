import { createHash } from "node:crypto";
import type { JsMsg } from "nats";
import {
  effectTable,
  freshDatabases,
  type Ground,
  inThousands,
  openPool,
  type Payload,
  payload,
  rate,
  type Subject,
} from "./workload.ts";

/**
 * The ceiling: the same work by hand, with nothing else. No framework, no validation, no order, no retries, no
 * acknowledgement a row could wait for.
 */
export const raw: readonly Subject[] = (["simple", "per-event", "set-based"] as const).map((mode) => ({
  subject: "raw",
  mode,
  run: (ground) => run(ground, mode),
}));

const batch = 500;
const loops = 2;
const packed = 50;

interface Row {
  id: string;
  subject: string;
  data: string;
}

async function run({ config, nats, events }: Ground, mode: "simple" | "per-event" | "set-based"): Promise<number> {
  const pack = mode === "simple" ? 1 : packed;
  await freshDatabases(config, "raw_a", "raw_b");
  const a = openPool(config, "raw_a", { max: 10 });
  const b = openPool(config, "raw_b", { max: 10, pipeline: mode !== "simple" });
  await a.query(`create table outbox (id uuid primary key, seq bigint generated always as identity, subject text,
    data jsonb, status text default 'pending', created_at timestamptz default now(), published_at timestamptz,
    processed_at timestamptz);
    create index on outbox (seq) where status = 'pending'`);
  await b.query(`create table inbox (id uuid primary key, processed_at timestamptz default now()); ${effectTable}`);
  const jsm = await nats.jetstreamManager();
  await jsm.streams.delete("RAW").catch(() => undefined);
  await jsm.streams.add({ name: "RAW", subjects: ["raw.>"] });
  for (const [durable_name, filter_subject] of [
    ["mailbox", "raw.user.>"],
    ["acks", "raw.ack"],
  ])
    await jsm.consumers.add("RAW", {
      durable_name,
      filter_subject,
      ack_policy: "explicit",
      max_ack_pending: 10_000,
    } as never);
  const js = nats.jetstream();
  await inThousands(events, (count) => {
    const rows = Array.from({ length: count }, payload);
    return a.query(
      "insert into outbox (id, subject, data) select unnest($1::uuid[]), 'raw.user.created', unnest($2::jsonb[])",
      [rows.map(() => crypto.randomUUID()), rows.map((row) => JSON.stringify(row))],
    );
  });

  const start = performance.now();
  let acked = 0;
  let running = true;
  const finished = Promise.withResolvers<number>();

  const relay = async () => {
    const client = await a.connect();
    for (let more = true; more; ) {
      await client.query("begin");
      const { rows } = await client.query<Row>({
        name: "claim",
        text: "select id, subject, data::text from outbox where status = 'pending' order by seq limit $1 for update skip locked",
        values: [batch],
      });
      const groups = Array.from({ length: Math.ceil(rows.length / pack) }, (_, i) =>
        rows.slice(i * pack, (i + 1) * pack),
      );
      await Promise.all(
        groups.map((group) =>
          js.publish("raw.user.created", `[${group.map((r) => `{"event_id":"${r.id}","data":${r.data}}`).join()}]`, {
            msgID: createHash("sha1")
              .update(group.map((r) => r.id).join())
              .digest("hex"),
          }),
        ),
      );
      if (rows.length > 0)
        await client.query({
          name: "mark",
          text: "update outbox set status = 'published', published_at = now() where id = any($1::uuid[])",
          values: [rows.map((r) => r.id)],
        });
      await client.query("commit");
      more = rows.length > 0;
    }
    client.release();
  };

  const queue: JsMsg[] = [];
  let wake = () => {};
  const mailbox = await js.consumers.get("RAW", "mailbox");
  const subscription = await mailbox.consume({
    max_messages: (2 * loops * batch) / pack,
    callback: (message) => {
      queue.push(message);
      wake();
    },
  });
  const handle = async () => {
    while (running) {
      if (queue.length === 0) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const timer = setTimeout(resolve, 20);
        await promise;
        clearTimeout(timer);
      }
      const messages = queue.splice(0, batch / pack);
      if (messages.length === 0) continue;
      const arrived = messages.flatMap((message) => message.json<{ event_id: string; data: Payload }[]>());
      const client = await b.connect();
      await client.query("begin");
      const { rows } = await client.query<{ id: string }>({
        name: "inbox",
        text: "insert into inbox (id) select unnest($1::uuid[]) on conflict do nothing returning id",
        values: [arrived.map(({ event_id }) => event_id)],
      });
      const fresh = new Set(rows.map(({ id }) => id));
      const users = arrived.filter(({ event_id }) => fresh.has(event_id)).map(({ data }) => data.user);
      const effect = ({ id, username }: Payload["user"]) =>
        client.query({ name: "effect", text: "insert into effect values ($1, $2)", values: [id, username] });
      if (mode === "set-based")
        await client.query({
          name: "effects",
          text: "insert into effect select unnest($1::uuid[]), unnest($2::text[])",
          values: [users.map(({ id }) => id), users.map(({ username }) => username)],
        });
      else if (mode === "simple") for (const user of users) await effect(user);
      else await Promise.all(users.map(effect));
      await client.query("commit");
      client.release();
      for (const message of messages) message.ack();
      await js.publish("raw.ack", JSON.stringify(arrived.map(({ event_id }) => event_id)));
    }
  };

  const settle = async () => {
    const acks = await js.consumers.get("RAW", "acks");
    for await (const message of await acks.consume({ max_messages: 50 })) {
      const ids = message.json<string[]>();
      await a.query({
        name: "settle",
        text: "update outbox set status = 'processed', processed_at = now() where id = any($1::uuid[])",
        values: [ids],
      });
      message.ack();
      acked += ids.length;
      if (acked >= events) {
        finished.resolve(rate(events, performance.now() - start));
        break;
      }
    }
  };

  const work = Array.from({ length: loops }, () => [relay(), handle()]).flat();
  void settle();
  const perSecond = await finished.promise;
  running = false;
  subscription.stop();
  await Promise.all(work);
  const { rows } = await b.query<{ count: number }>("select count(*)::int from effect");
  if (rows[0]?.count !== events) throw new Error(`${rows[0]?.count} effects for ${events} events`);
  await Promise.all([a.end(), b.end()]);
  return perSecond;
}
