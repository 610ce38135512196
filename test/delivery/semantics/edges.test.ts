import { expect, test } from "@jest/globals";
import { type HandlerTransaction, handle, type Message, PermanentError } from "postbox";
import { resolveDeadLetters } from "../../../libs/postbox/delivery/operations/resolve-dead-letters.ts";
import { keyed, noted, writeEffect } from "../example-events.ts";
import { manualDelivery } from "./manual-delivery.ts";

type Note = Message<{ n: number }>;

const ofKey = (key: string, ...numbers: number[]) => numbers.map((n) => ({ event: keyed, key, n }));

test("a parked event that is skipped is not run in the moment its turn comes", async () => {
  const at = await manualDelivery();
  const refusing = async ({ data }: Note, tx: HandlerTransaction) => {
    if (data.n === 1) throw new PermanentError("never");
    await writeEffect({ id: crypto.randomUUID(), key: "a", data }, tx);
  };
  await at.commit(ofKey("a", 1, 2, 3));
  await at.carry(at.worker([handle(keyed, refusing)]));
  expect(await at.inboxStatuses()).toEqual({ dead: 1, parked: 2 });
  // As at the horizon: the publisher has given all three up, and the operator lets them go.
  await at.auth.query({ text: "update event_outbox set status = 'dead'" });
  await resolveDeadLetters(at.auth, "skip", {}, "ada");
  const worker = at.worker([handle(keyed, writeEffect)]);
  await at.carry(worker);
  await at.runDue(worker);
  expect(await at.effects()).toEqual([]);
  expect(await at.inboxStatuses()).toEqual({ skipped: 3 });
  expect(await at.outboxStatuses()).toEqual({ skipped: 3 });
});

test("an event that the last hook of a transaction enqueues goes out with it", async () => {
  const at = await manualDelivery();
  await at.outbox.transaction(async (tx) => {
    tx.enqueue(noted, { n: 1 });
    tx.beforeCommit(async () => tx.enqueue(noted, { n: 2 }));
  });
  expect(await at.outboxStatuses()).toEqual({ pending: 2 });
});

test("an event that is enqueued after its transaction has ended is refused, not lost", async () => {
  const at = await manualDelivery();
  const kept = await at.outbox.transaction(async (tx) => {
    tx.enqueue(noted, { n: 1 });
    return tx;
  });
  expect(() => kept.enqueue(noted, { n: 2 })).toThrow("after the end of its transaction");
  expect(await at.outboxStatuses()).toEqual({ pending: 1 });
});

test("an event that comes under another event's subject, or another publisher's, is refused", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  const [pack] = await at.publish();
  const deliverAs = (subject: string) => at.deliver(at.worker([]), pack === undefined ? [] : [{ ...pack, subject }]);
  await deliverAs("users.auth.keyed");
  await deliverAs("users.emails.note");
  expect(at.refused).toEqual([
    expect.stringContaining("came as 'auth.keyed'"),
    expect.stringContaining("came as 'emails.note'"),
  ]);
  expect(await at.inboxStatuses()).toEqual({});
});

test.each([
  ["a version beyond an integer", '"version":1', '"version":3000000000'],
  ["a negative generation", '"generation":0', '"generation":-1'],
  ["a key that no text column takes", '"key":null,"sequence":null', '"key":"a\\u0000","sequence":1'],
  ["a key that UTF-8 cannot carry", '"key":null,"sequence":null', '"key":"a\\ud800","sequence":1'],
  ["a key that no index takes", '"key":null,"sequence":null', `"key":"${"k".repeat(501)}","sequence":1`],
  ["a key without a number", '"key":null', '"key":"a"'],
  ["a time that is none", '"occurred_at":"', '"occurred_at":"around '],
])(
  "an event with %s is refused before it can hold up its batch, and its neighbours are taken",
  async (_what, from, to) => {
    const at = await manualDelivery();
    await at.commit([{ n: 1 }, { n: 2 }]);
    const packs = (await at.publish()).map((pack) => ({ ...pack, body: pack.body.replace(from, to) }));
    await at.deliver(at.worker([handle(noted, writeEffect)]), packs);
    expect(at.refused).toEqual([expect.stringContaining("malformed")]);
    expect(await at.effects()).toEqual([2]);
  },
);

test("handlers that hang cost their batch one time limit, not one each", async () => {
  const at = await manualDelivery();
  await at.commit([1, 2, 3, 4, 5, 6].map((n) => ({ n })));
  let calls = 0;
  const hang = () => {
    calls += 1;
    return new Promise<void>(() => undefined);
  };
  const worker = at.worker([handle(noted, hang, { timeoutMs: 100, maxAttempts: 1 })]);
  await at.carry(worker);
  expect(calls).toBe(1);
  expect(await at.inboxStatuses()).toEqual({ dead: 1, failed: 5 });
  await at.runDue(worker);
  expect(calls).toBe(6);
  expect(await at.inboxStatuses()).toEqual({ dead: 6 });
});

test("a statement that is under way when its handler's time is over lets go of what it holds", async () => {
  const at = await manualDelivery();
  await at.commit(ofKey("a", 1));
  const sleep = async (_message: Note, tx: HandlerTransaction) =>
    void (await tx.query({ text: "select pg_sleep(600)" }));
  await at.carry(at.worker([handle(keyed, sleep, { timeoutMs: 200 })]));
  // The key's cursor is free again, or this would wait for ten minutes.
  await at.runDue(at.worker([handle(keyed, writeEffect)]));
  expect(await at.effects()).toEqual([1]);
});

test("a network error of a handler's own counts as its attempt, and the last one makes the event dead", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:25"), { code: "ECONNREFUSED" });
  const worker = at.worker([handle(noted, () => Promise.reject(refused), { mode: "external", maxAttempts: 2 })]);
  await at.carry(worker);
  await at.runDueOnce(worker);
  expect(await at.inboxStatuses()).toEqual({ failed: 1 });
  await at.runDue(worker);
  expect(await at.outboxStatuses()).toEqual({ dead: 1 });
});

test("a worker that stops charges no attempt to the events that it leaves", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  const stop = new AbortController();
  const obedient = async (_message: Note, tx: HandlerTransaction) => {
    stop.abort(new Error("The worker stops."));
    tx.signal.throwIfAborted();
  };
  const packs = await at.publish();
  const leaving = at.worker([handle(noted, obedient, { maxAttempts: 1 })], stop.signal);
  await expect(at.deliver(leaving, packs)).rejects.toThrow();
  expect(await at.inboxStatuses()).toEqual({});
  await at.acknowledge(await at.deliver(at.worker([handle(noted, writeEffect)]), packs));
  expect(await at.effects()).toEqual([1]);
});
