import { expect, test } from "@jest/globals";
import { defineEvent, handle } from "postbox";
import Type from "typebox";
import { Outbox } from "../../../libs/postbox/delivery/outbox/outbox.ts";
import { promoteScheduled } from "../../../libs/postbox/delivery/outbox/promote-scheduled.ts";
import { deleteOld } from "../../../libs/postbox/delivery/retention/delete-old.ts";
import { keyed, Note, noted, writeEffect } from "../example-events.ts";
import { type ManualDelivery, manualDelivery } from "./manual-delivery.ts";

const inAnHour = () => new Date(Date.now() + 3_600_000);
const timeHasCome = (at: ManualDelivery) =>
  at.auth.query({ text: "update event_outbox set next_attempt_at = now() where status = 'scheduled'" });

test("what breaks its contract, belongs to another service, or is too large is refused, and leaves nothing", async () => {
  const at = await manualDelivery();
  const foreign = defineEvent({ service: "users", name: "note", version: 1, targets: ["auth"], schema: Note });
  const broken: Record<string, unknown> = { n: "one" };
  const small = new Outbox(at.auth, { service: "auth", maxPayload: () => 2_000, onCommit: () => undefined });

  await expect(at.outbox.transaction(async (tx) => tx.enqueue(noted, broken as { n: number }))).rejects.toMatchObject({
    type: "event-invalid",
    data: { errors: [{ field: "n", rule: "type" }] },
  });
  await expect(at.outbox.transaction(async (tx) => tx.enqueue(foreign, { n: 1 }))).rejects.toMatchObject({
    type: "event-invalid",
  });
  await expect(
    small.transaction(async (tx) => tx.enqueue(noted, { n: 1, text: "x".repeat(2_000) })),
  ).rejects.toMatchObject({
    type: "event-too-large",
  });
  const headers = { traceparent: "x".repeat(2_000) };
  await expect(small.transaction(async (tx) => tx.enqueue(noted, { n: 1 }, { headers }))).rejects.toMatchObject({
    type: "event-too-large",
  });
  expect(await at.outboxStatuses()).toEqual({});
});

test.each([
  ["half of a surrogate pair", "user-\ud800", "which UTF-8 cannot carry"],
  ["the character NUL", "user-\0", "which Postgres stores in no text"],
  ["more than 500 bytes", "ü".repeat(251), "has 502 bytes; 500 are the most"],
])("a key with %s is refused when it is enqueued, also for later", async (_what, key, message) => {
  const at = await manualDelivery();
  for (const later of [{}, { availableAt: inAnHour() }])
    await expect(at.commit([{ event: keyed, key, n: 1, ...later }])).rejects.toMatchObject({
      type: "event-invalid",
      message: expect.stringContaining(message),
    });
  expect(await at.outboxStatuses()).toEqual({});
  await at.commit([{ event: keyed, key: "ü".repeat(250), n: 1 }]);
});

test("a transaction that rolls back leaves no event and takes no number of its key", async () => {
  const at = await manualDelivery();
  const commit = (n: number, fail: boolean) =>
    at.outbox.transaction(async (tx) => {
      tx.enqueue(keyed, { n }, { key: "a" });
      if (fail) throw new Error("no");
    });
  await expect(commit(1, true)).rejects.toThrow("no");
  expect(await at.outboxStatuses()).toEqual({});
  await commit(2, false);
  const { rows } = await at.auth.query({ text: "select sequence, data from event_outbox" });
  expect(rows).toEqual([{ sequence: "1", data: { n: 2 } }]);
});

test("the same id with another payload is refused by the inbox, and the stored one stays", async () => {
  const at = await manualDelivery();
  const worker = at.worker([handle(noted, writeEffect)]);
  await at.commit([{ n: 1 }]);
  const packs = await at.publish();
  await at.deliver(worker, packs);
  const forged = packs.map((pack) => ({ ...pack, body: pack.body.replace('"n":1', '"n":2') }));
  expect(await at.deliver(worker, forged)).toEqual(new Map());
  expect(await at.effects()).toEqual([1]);
  expect(await at.inboxStatuses()).toEqual({ processed: 1 });
});

test("an event for several services has a row, a state and one correlation id for all", async () => {
  const at = await manualDelivery();
  const wide = defineEvent({ service: "auth", name: "wide", version: 1, targets: ["users", "emails"], schema: Note });
  await at.commit([{ event: wide, n: 1 }]);
  const { rows } = await at.auth.query<{ id: string; target: string; correlation: string }>({
    text: "select id, target, headers->>'correlation_id' as correlation from event_outbox order by target",
  });
  expect(rows.map(({ target }) => target)).toEqual(["emails", "users"]);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(2);
  expect(new Set(rows.map(({ correlation }) => correlation)).size).toBe(1);
});

test("an event that is available later waits without blocking its key, and takes its number when its time has come", async () => {
  const at = await manualDelivery();
  const worker = at.worker([handle(keyed, writeEffect)]);
  await at.commit([{ event: keyed, key: "a", n: 1, availableAt: inAnHour() }]);
  await at.commit([{ event: keyed, key: "a", n: 2 }]);
  expect(await promoteScheduled(at.auth)).toBe(0);
  await at.carry(worker);
  expect(await at.effects()).toEqual([2]);
  expect(await at.outboxStatuses()).toEqual({ processed: 1, scheduled: 1 });

  await timeHasCome(at);
  expect(await promoteScheduled(at.auth)).toBe(1);
  await at.carry(worker);
  expect(await at.effects()).toEqual([2, 1]);
  const { rows } = await at.auth.query({
    text: "select sequence, data->>'n' as n from event_outbox order by sequence",
  });
  expect(rows).toEqual([
    { sequence: "1", n: "2" },
    { sequence: "2", n: "1" },
  ]);
});

test("two schedulers promote each scheduled event once", async () => {
  const at = await manualDelivery();
  await at.commit(
    Array.from({ length: 40 }, (_, n) => ({ event: keyed, key: `k${n % 3}`, n, availableAt: inAnHour() })),
  );
  await timeHasCome(at);
  const counts = await Promise.all([promoteScheduled(at.auth, 30), promoteScheduled(at.auth, 30)]);
  const rest = await promoteScheduled(at.auth, 30);
  expect(counts[0] + counts[1] + rest).toBe(40);
  const { rows } = await at.auth.query<{ key: string; numbers: number[] }>({
    text: "select key, array_agg(sequence::int order by sequence) as numbers from event_outbox group by key order by key",
  });
  for (const { numbers } of rows) expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});

test("numbers of a key follow the order of commits, though transactions overlap", async () => {
  const at = await manualDelivery();
  const first = Promise.withResolvers<void>();
  const slow = at.outbox.transaction(async (tx) => {
    tx.enqueue(keyed, { n: 1 }, { key: "a" });
    await first.promise;
  });
  await at.commit([{ event: keyed, key: "a", n: 2 }]);
  first.resolve();
  await slow;
  const { rows } = await at.auth.query({ text: "select data->>'n' as n from event_outbox order by sequence" });
  expect(rows).toEqual([{ n: "2" }, { n: "1" }]);
});

test("a row with a lower id that commits later is published all the same", async () => {
  const at = await manualDelivery();
  const held = Promise.withResolvers<void>();
  const slow = at.outbox.transaction(async (tx) => {
    tx.enqueue(noted, { n: 1 });
    await held.promise;
  });
  await at.commit([{ n: 2 }]);
  const worker = at.worker([handle(noted, writeEffect)]);
  await at.carry(worker);
  held.resolve();
  await slow;
  await at.carry(worker);
  expect(await at.effects()).toEqual([2, 1]);
  expect(await at.outboxStatuses()).toEqual({ processed: 2 });
});

test("final rows leave after their retention in bounded steps, and what is open stays", async () => {
  const at = await manualDelivery();
  await at.auth.query({
    text: `insert into event_outbox (id, event_type, version, target, data, payload_hash, status, processed_at)
      select (lpad(to_hex((extract(epoch from now() - interval '9 days') * 1000)::bigint), 12, '0') || '7000'
          || '8000' || lpad(to_hex(n), 12, '0'))::uuid,
        'auth.note', 1, 'users', '{}', 'h', case n % 3 when 0 then 'dead' when 1 then 'processed' else 'skipped' end,
        now() - interval '8 days'
      from generate_series(1, 12000) as n`,
  });
  await at.commit([{ n: 1 }]);
  expect(await deleteOld(at.auth, { table: "event_outbox", days: 9 }, new AbortController().signal)).toBe(0);
  expect(await deleteOld(at.auth, { table: "event_outbox", days: 7 }, AbortSignal.abort())).toBe(5_000);
  expect(await deleteOld(at.auth, { table: "event_outbox", days: 7 }, new AbortController().signal)).toBe(3_000);
  expect(await at.outboxStatuses()).toEqual({ dead: 4_000, pending: 1 });
});

test("a definition that cannot work is refused when it is made", () => {
  const define = (changes: object) => () =>
    defineEvent({ service: "auth", name: "note", version: 1, targets: ["users"], schema: Type.Object({}), ...changes });
  expect(define({ name: "Note" })).toThrow("must be letters and digits");
  expect(define({ targets: [] })).toThrow("has no target");
  expect(define({ version: 0 })).toThrow("versions are whole numbers from 1");
  expect(define({ version: 2 })).toThrow("lacks an upcaster from version 1");
});
