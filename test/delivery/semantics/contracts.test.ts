import { expect, test } from "@jest/globals";
import { defineEvent, handle } from "postbox";
import Type from "typebox";
import { queryAgain } from "../../../libs/postbox/delivery/outbox/query-again.ts";
import { keyed, Note, noted, writeEffect } from "../example-events.ts";
import { manualDelivery } from "./manual-delivery.ts";

/** The second version of `auth.note`: `n` is now in `body`. */
const second = defineEvent({
  service: "auth",
  name: "note",
  version: 2,
  targets: ["users"],
  schema: Type.Object({ body: Type.Object({ n: Type.Integer() }) }),
  upcasters: { 1: (data) => ({ body: data }) },
});

const writeSecond = handle(second, ({ data, ...message }, tx) => writeEffect({ ...message, data: data.body }, tx));

test("an event of an older version is lifted to the handler's", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  await at.carry(at.worker([writeSecond]));
  expect(await at.effects()).toEqual([1]);
});

test("an event of a newer version is held, is no failure, and runs after a release that knows it", async () => {
  const at = await manualDelivery();
  await at.outbox.transaction(async (tx) => tx.enqueue(second, { body: { n: 1 } }));
  const old = [handle(noted, writeEffect)];
  await at.carry(at.worker(old));
  expect(await at.inboxStatuses()).toEqual({ held: 1 });
  expect(await at.outboxStatuses()).toEqual({ received: 1 });
  expect(await at.releaseHeld(old)).toBe(0);

  expect(await at.releaseHeld([writeSecond])).toBe(1);
  await at.runDue(at.worker([writeSecond]));
  expect(await at.effects()).toEqual([1]);
  expect(await at.outboxStatuses()).toEqual({ processed: 1 });
});

test("an event of an unknown type is held, and its key waits for a release that knows it", async () => {
  const at = await manualDelivery();
  await at.commit([
    { event: keyed, key: "a", n: 1 },
    { event: noted, key: "a", n: 2 },
    { event: keyed, key: "b", n: 3 },
  ]);
  await at.carry(at.worker([handle(noted, writeEffect)]));
  expect(await at.inboxStatuses()).toEqual({ held: 2, parked: 1 });

  const both = [handle(noted, writeEffect), handle(keyed, writeEffect)];
  expect(await at.releaseHeld(both)).toBe(2);
  await at.runDue(at.worker(both));
  expect(await at.effects("a")).toEqual([1, 2]);
  expect(await at.effects("b")).toEqual([3]);
});

test("a held event that a worker of the older release takes up is held again", async () => {
  const at = await manualDelivery();
  await at.commit([{ event: keyed, key: "a", n: 1 }]);
  const old = at.worker([handle(noted, writeEffect)]);
  await at.carry(old);
  expect(await at.releaseHeld([handle(keyed, writeEffect)])).toBe(1);
  await at.runDue(old);
  expect(await at.inboxStatuses()).toEqual({ held: 1 });
});

test("what is asked about while it is held is answered, and neither written again nor asked about again at once", async () => {
  const at = await manualDelivery();
  await at.commit([
    { event: keyed, key: "a", n: 1 },
    { event: keyed, n: 2 },
  ]);
  const old = at.worker([handle(noted, writeEffect)]);
  await at.carry(old);
  const versions = async () => (await at.users.query({ text: "select id, xmin from event_inbox order by id" })).rows;
  const before = await versions();
  await at.auth.query({ text: "update event_outbox set next_attempt_at = now()" });
  expect(await queryAgain(at.auth)).toBe(2);
  await at.carry(old);
  expect(await versions()).toEqual(before);
  expect(await at.outboxStatuses()).toEqual({ received: 2 });
  expect(await queryAgain(at.auth)).toBe(0);
});

test("a payload that breaks the handler's contract is dead at once, with the field and the rule", async () => {
  const at = await manualDelivery();
  const strict = defineEvent({ ...noted, schema: Type.Object({ n: Type.Integer({ maximum: 5 }) }) });
  await at.commit([{ n: 1 }, { n: 9 }]);
  await at.carry(at.worker([handle(strict, writeEffect)]));
  expect(await at.effects()).toEqual([1]);
  const { rows } = await at.auth.query({
    text: "select attempts, error_message from event_outbox where status = 'dead'",
  });
  expect(rows).toEqual([
    { attempts: 1, error_message: expect.stringContaining("'auth.note' version 1: n must be <= 5") },
  ]);
});

test("an upcaster that fails makes the event dead, with its version", async () => {
  const at = await manualDelivery();
  const refuse = () => {
    throw new Error("cannot lift this");
  };
  const broken = defineEvent({ ...noted, version: 2, upcasters: { 1: refuse }, schema: Note });
  await at.commit([{ n: 1 }]);
  await at.carry(at.worker([handle(broken, writeEffect)]));
  const { rows } = await at.auth.query({ text: "select error_message from event_outbox where status = 'dead'" });
  expect(rows).toEqual([
    { error_message: "PermanentError: Event 'auth.note' could not be lifted from version 1: Error: cannot lift this" },
  ]);
});
