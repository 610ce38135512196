import { expect, test } from "@jest/globals";
import { defineEvent, type HandlerTransaction, handle, handleMany, type Message } from "postbox";
import { keyed, noted, writeEffect } from "../example-events.ts";
import { manualDelivery } from "./manual-delivery.ts";

type Note = Message<{ n: number }>;

const numbers = (count: number) => Array.from({ length: count }, (_, index) => ({ n: index + 1 }));

test("handlers run one after the other unless they say otherwise, so a read and a write lose no update", async () => {
  const at = await manualDelivery();
  await at.users.query({ text: "create table total (n integer)" });
  await at.users.query({ text: "insert into total values (0)" });
  let inside = 0;
  let most = 0;
  const count = async (_message: Note, tx: HandlerTransaction) => {
    inside += 1;
    most = Math.max(most, inside);
    const { rows } = await tx.query<{ n: number }>({ text: "select n from total for update" });
    await tx.query({ text: "update total set n = $1", values: [(rows[0]?.n ?? 0) + 1] });
    inside -= 1;
  };
  await at.commit(numbers(50));
  await at.carry(at.worker([handle(noted, count)]));
  expect((await at.users.query({ text: "select n from total" })).rows).toEqual([{ n: 50 }]);
  expect(most).toBe(1);
});

test("concurrent handlers of different keys run side by side, those of one key in order", async () => {
  const at = await manualDelivery();
  const open = new Map<string | undefined, number>();
  const begun: string[] = [];
  let overlap = false;
  let most = 0;
  const insert = async (message: Note, tx: HandlerTransaction) => {
    begun.push(`${message.key}${message.data.n}`);
    open.set(message.key, (open.get(message.key) ?? 0) + 1);
    most = Math.max(most, open.size);
    overlap ||= (open.get(message.key) ?? 0) > 1;
    await writeEffect(message, tx);
    open.delete(message.key);
  };
  await at.commit([1, 2, 3].flatMap((n) => ["a", "b", "c"].map((key) => ({ event: keyed, key, n }))));
  await at.carry(at.worker([handle(keyed, insert, { mode: "concurrent" })]));
  expect(most).toBe(3);
  expect(overlap).toBe(false);
  expect(begun.slice(0, 3)).toEqual(["a1", "b1", "c1"]);
  for (const key of ["a", "b", "c"]) expect(await at.effects(key)).toEqual([1, 2, 3]);
});

test("all handlers have settled before a failed batch is rolled back", async () => {
  const at = await manualDelivery();
  const insert = async (message: Note, tx: HandlerTransaction) => {
    if (message.data.n === 1) throw new Error("at once");
    await tx.query({ text: "select pg_sleep(0.05)" });
    await writeEffect(message, tx);
  };
  await at.commit(numbers(4));
  await at.carry(at.worker([handle(noted, insert, { mode: "concurrent" })]));
  expect((await at.effects()).toSorted()).toEqual([2, 3, 4]);
  expect(await at.inboxStatuses()).toEqual({ failed: 1, processed: 3 });
});

test("a set-based handler gets all events of its batch in one call, those of a key in order", async () => {
  const at = await manualDelivery();
  const calls: string[][] = [];
  const insertAll = async (messages: readonly Note[]) => {
    calls.push(messages.map(({ key, data }) => `${key}${data.n}`));
  };
  await at.commit([1, 2].flatMap((n) => ["a", "b"].map((key) => ({ event: keyed, key, n }))));
  await at.carry(at.worker([handleMany(keyed, insertAll)]));
  expect(calls).toHaveLength(1);
  expect(calls[0]?.filter((name) => name.startsWith("a"))).toEqual(["a1", "a2"]);
  expect(calls[0]?.filter((name) => name.startsWith("b"))).toEqual(["b1", "b2"]);
});

test("a key whose events need different handlers keeps its order", async () => {
  const at = await manualDelivery();
  const insertAll = async (messages: readonly Note[], tx: HandlerTransaction) => {
    for (const message of messages) await writeEffect(message, tx);
  };
  await at.commit([1, 2, 3, 4].map((n) => ({ event: n % 2 === 1 ? keyed : noted, key: "a", n })));
  await at.carry(at.worker([handle(noted, writeEffect, { mode: "concurrent" }), handleMany(keyed, insertAll)]));
  expect(await at.effects("a")).toEqual([1, 2, 3, 4]);
});

test("an external handler runs alone, outside the batch, in a transaction of its own", async () => {
  const at = await manualDelivery();
  const transactions: unknown[] = [];
  const send = async (message: Note, tx: HandlerTransaction) => {
    const { rows } = await tx.query({ text: "select pg_current_xact_id()::text as id" });
    transactions.push(rows[0]?.id);
    await writeEffect(message, tx);
  };
  const worker = at.worker([handle(noted, send, { mode: "external" }), handle(keyed, writeEffect)]);
  await at.commit([{ n: 1 }, { n: 2 }, { event: keyed, key: "a", n: 3 }]);
  await at.carry(worker);
  expect(await at.effects()).toEqual([3]);
  expect(await at.inboxStatuses()).toEqual({ failed: 2, processed: 1 });

  await at.runDue(worker);
  expect(await at.effects()).toEqual([3, 1, 2]);
  expect(new Set(transactions).size).toBe(2);
  expect(await at.outboxStatuses()).toEqual({ processed: 3 });
});

test("an event that a handler enqueues commits with its effects and names its cause; a failed one publishes nothing", async () => {
  const at = await manualDelivery();
  const answered = defineEvent({
    service: "users",
    name: "answer",
    version: 1,
    targets: ["auth"],
    schema: noted.schema,
  });
  await at.outbox.transaction(async (tx) => {
    const headers = { correlation_id: "story", traceparent: "00-a-b-01" };
    for (const n of [1, 2]) tx.enqueue(noted, { n }, { headers });
  });
  const answer = async (message: Note, tx: HandlerTransaction) => {
    tx.enqueue(answered, { n: message.data.n }, { key: "k" });
    await writeEffect(message, tx);
    if (message.data.n === 2) throw new Error("no");
  };
  await at.carry(at.worker([handle(noted, answer)]));

  const { rows: causes } = await at.users.query({ text: "select id from event_inbox where status = 'processed'" });
  const { rows } = await at.users.query({
    text: "select event_type, target, key, sequence, data, headers from event_outbox",
  });
  expect(rows).toEqual([
    {
      event_type: "users.answer",
      target: "auth",
      key: "k",
      sequence: "1",
      data: { n: 1 },
      headers: { correlation_id: "story", traceparent: "00-a-b-01", causation_id: causes[0]?.id },
    },
  ]);
});

test("a handler's signal aborts when its worker stops, and the event costs no attempt", async () => {
  const at = await manualDelivery();
  const stopping = new AbortController();
  const wait = async (_message: Note, { signal }: HandlerTransaction) => {
    stopping.abort(new Error("The worker stops."));
    signal.throwIfAborted();
  };
  const worker = at.worker([handle(noted, wait, { mode: "external" })], stopping.signal);
  await at.commit([{ n: 1 }]);
  await at.carry(worker);
  await at.runDueOnce(worker);
  const { rows } = await at.users.query({ text: "select status, attempts, crashes from event_inbox" });
  expect(rows).toEqual([{ status: "failed", attempts: 0, crashes: 0 }]);
});
