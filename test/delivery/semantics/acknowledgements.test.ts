import { expect, test } from "@jest/globals";
import { handle, PermanentError } from "postbox";
import { DeliveryMetrics } from "../../../libs/postbox/delivery/metrics/delivery-metrics.ts";
import { countOpen } from "../../../libs/postbox/delivery/operations/count-open.ts";
import { resendEvents } from "../../../libs/postbox/delivery/operations/resend-events.ts";
import { resolveDeadLetters } from "../../../libs/postbox/delivery/operations/resolve-dead-letters.ts";
import { expire } from "../../../libs/postbox/delivery/outbox/expire.ts";
import { queryAgain } from "../../../libs/postbox/delivery/outbox/query-again.ts";
import { resendLost } from "../../../libs/postbox/delivery/outbox/resend-lost.ts";
import { firstIdAt } from "../../../libs/postbox/delivery/retention/first-id-at.ts";
import { metrics as register } from "../../../libs/postbox/telemetry/metrics.ts";
import { keyed, noted, writeEffect } from "../example-events.ts";
import { type ManualDelivery, manualDelivery } from "./manual-delivery.ts";

const works = handle(noted, writeEffect);
const dies = handle(noted, async () => {
  throw new PermanentError("never");
});
const fails = handle(noted, async () => {
  throw new Error("not yet");
});
const row = async (at: ManualDelivery, columns: string) =>
  (await at.auth.query({ text: `select ${columns} from event_outbox` })).rows[0];
const resolve = (at: ManualDelivery, verb: "replay" | "skip") => resolveDeadLetters(at.auth, verb, {}, "tester");

test("a crash between publish and mark sends a row twice, and the second time it is answered with what is stored", async () => {
  const at = await manualDelivery();
  const worker = at.worker([works]);
  await at.commit([{ n: 1 }]);
  const first = await at.publish({ mark: false });
  const second = await at.publish();
  expect(second.map(({ wireId }) => wireId)).toEqual(first.map(({ wireId }) => wireId));
  await at.deliver(worker, first);
  const acks = await at.deliver(worker, second, { possiblePoison: true });
  expect(acks.get("auth")).toMatchObject([{ status: "processed", generation: 0 }]);
  await at.acknowledge(acks);
  expect(await at.effects()).toEqual([1]);
  expect(await at.outboxStatuses()).toEqual({ processed: 1 });
});

test("an ack that comes before the relay has marked its row closes it, and the row is not sent again", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  await at.acknowledge(await at.deliver(at.worker([works]), await at.publish({ mark: false })));
  expect(await at.outboxStatuses()).toEqual({ processed: 1 });
  expect(await at.publish()).toEqual([]);
});

test("two workers that get the same pack at once make one effect", async () => {
  const at = await manualDelivery();
  const worker = at.worker([works]);
  await at.commit(Array.from({ length: 50 }, (_, n) => ({ n })));
  const packs = await at.publish();
  await Promise.all([at.deliver(worker, packs), at.deliver(worker, packs), at.deliver(worker, packs)]);
  expect((await at.effects()).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n));
});

test("a processed row is final: no later ack moves it", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  await at.carry(at.worker([works]));
  const { id } = (await row(at, "id")) as { id: string };
  for (const status of ["received", "dead", "skipped"] as const)
    await at.acknowledge(new Map([["auth", [{ id, generation: 0, status, attempts: 9, error: "late" }]]]));
  expect(await row(at, "status, attempts, error_message")).toEqual({
    status: "processed",
    attempts: 0,
    error_message: null,
  });
});

test("an ack of another subscriber moves nothing", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  const acks = await at.deliver(at.worker([works]), await at.publish());
  await at.auth.query({ text: "update event_outbox set target = 'emails'" });
  await at.acknowledge(acks);
  expect(await at.outboxStatuses()).toEqual({ published: 1 });
});

test("a row is sent again, under another wire id, when the consumer has passed it and no ack came", async () => {
  const at = await manualDelivery();
  const worker = at.worker([works]);
  await at.commit([{ n: 1 }]);
  const first = await at.publish();
  await at.deliver(worker, first);
  const { place } = (await row(at, "stream_sequence::int as place")) as { place: number };
  const soon = new Date(Date.now() + 60_000);
  const lost = (ackFloor: number, lastSequence: number, earlier?: { ackFloor: number; at: Date }) =>
    resendLost(
      at.auth,
      "users",
      { ackFloor, lastSequence, at: soon },
      earlier && { lastSequence: Number.MAX_SAFE_INTEGER, ...earlier },
    );

  expect(await lost(place, place)).toBe(0);
  expect(await lost(place, place, { ackFloor: place - 1, at: soon })).toBe(0);
  expect(await lost(place - 1, place, { ackFloor: place, at: soon })).toBe(0);
  expect(await lost(place, place, { ackFloor: place, at: new Date(0) })).toBe(0);
  expect(await lost(place, place, { ackFloor: place, at: soon })).toBe(1);
  const second = await at.publish();
  expect(second[0]?.wireId).not.toBe(first[0]?.wireId);
  expect(await lost(0, 0)).toBe(1);
  await at.carry(worker);
  expect(await at.effects()).toEqual([1]);
  expect(await row(at, "status, send_number, attempts")).toEqual({ status: "processed", send_number: 2, attempts: 0 });
});

test("a received row is asked about again at its time, in case the subscriber was restored", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  await at.carry(at.worker([fails]));
  expect(await queryAgain(at.auth)).toBe(0);
  await at.auth.query({ text: "update event_outbox set next_attempt_at = now()" });
  await at.users.query({ text: "truncate event_inbox" });
  expect(await queryAgain(at.auth)).toBe(1);
  await at.carry(at.worker([works]));
  expect(await at.effects()).toEqual([1]);
  expect(await at.outboxStatuses()).toEqual({ processed: 1 });
});

test("what a restored subscriber has lost is sent again when an operator says so, and its keys go on in their order", async () => {
  const at = await manualDelivery();
  const worker = at.worker([works, handle(keyed, writeEffect)]);
  const metrics = new DeliveryMetrics("users");
  const ofKey = (...numbers: number[]) => numbers.map((n) => ({ event: keyed, key: "a", n }));
  await at.commit([...ofKey(1), { n: 2 }]);
  await at.carry(worker);
  const { rows } = await at.auth.query<{ since: Date }>({
    text: `update event_outbox set processed_at = now() - interval '1 minute'
      returning now() - interval '30 seconds' as since`,
  });
  const since = rows[0]?.since ?? new Date(Number.NaN);
  await at.commit([...ofKey(3, 4), { n: 5 }]);
  await at.carry(worker);

  // Its database comes back as it was before the second transaction.
  await at.users.query({ text: "delete from effect where n > 2" });
  await at.users.query({
    text: "delete from event_inbox where sequence > 1 or (key is null and id not in (select event_id from effect))",
  });
  await at.users.query({ text: "update inbox_mailbox set last_sequence = 1" });
  await at.commit(ofKey(6));
  await at.carry(worker);
  expect(await at.inboxStatuses()).toEqual({ parked: 1, processed: 2 });
  await at.users.query({ text: "update event_inbox set received_at = now() - interval '1 minute'" });
  await countOpen(at.users, metrics);
  const gap = async () =>
    (await register.getSingleMetric("postbox_oldest_event_age_seconds")?.get())?.values.find(
      ({ labels }) => labels.service === "users" && labels.state === "gap",
    )?.value;
  expect(await gap()).toBeGreaterThanOrEqual(60);

  expect(await resendEvents(at.auth, { target: "emails", since }, "ada")).toBe(0);
  expect(await resendEvents(at.auth, { target: "users", since }, "ada")).toBe(4);
  await at.carry(worker);
  await at.runDue(worker);
  expect(await at.effects("a")).toEqual([1, 3, 4, 6]);
  expect((await at.effects()).toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await at.outboxStatuses()).toEqual({ processed: 6 });
  await countOpen(at.users, metrics);
  expect(await gap()).toBe(0);
  // Rather too early than too late: what it knows it answers.
  expect(await resendEvents(at.auth, { target: "users", since: new Date(0) }, "ada")).toBe(6);
  await at.carry(worker);
  expect(await at.effects("a")).toEqual([1, 3, 4, 6]);
  expect(await at.outboxStatuses()).toEqual({ processed: 6 });
  const { rows: audit } = await at.auth.query({
    text: "select actor, action, subject, detail->>'events' as events from operator_action order by at",
  });
  const entry = { actor: "ada", action: "resend", subject: "users" };
  expect(audit).toEqual([
    { ...entry, events: "4" },
    { ...entry, events: "6" },
  ]);
});

test("what is older than the horizon is dead with the reason, and only what is younger can be replayed", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  await at.publish();
  expect(await expire(at.auth, 7)).toBe(0);
  await at.auth.query({
    text: "update event_outbox set id = $1, first_published_at = now() - interval '8 days'",
    values: [firstIdAt(Date.now() - 8 * 86_400_000)],
  });
  expect(await expire(at.auth, 7)).toBe(1);
  expect(await row(at, "status, error_message")).toEqual({
    status: "dead",
    error_message: "No acknowledgement within 7 days of the first publish.",
  });
  expect(await resolve(at, "replay")).toEqual([]);
  const { id } = (await row(at, "id")) as { id: string };
  await expect(resolveDeadLetters(at.auth, "replay", { ids: [id] }, "tester")).rejects.toMatchObject({
    type: "event-expired",
  });
  expect(await resolve(at, "skip")).toEqual([id]);
});

test("a replay arms a dead event again, and answers to the generation before count no more", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  await at.carry(at.worker([dies]));
  expect(await at.outboxStatuses()).toEqual({ dead: 1 });
  const { id } = (await row(at, "id")) as { id: string };

  await resolve(at, "replay");
  await at.acknowledge(new Map([["auth", [{ id, generation: 0, status: "dead", attempts: 1, error: "late" }]]]));
  expect(await row(at, "status, generation, error_message")).toEqual({
    status: "pending",
    generation: 1,
    error_message: null,
  });
  const worker = at.worker([works]);
  await at.carry(worker);
  await at.runDue(worker);
  expect(await at.effects()).toEqual([1]);
  expect(await at.outboxStatuses()).toEqual({ processed: 1 });
});

test("a replayed event that dies again is dead again, in its new generation", async () => {
  const at = await manualDelivery();
  const worker = at.worker([dies]);
  await at.commit([{ n: 1 }]);
  await at.carry(worker);
  await resolve(at, "replay");
  await at.carry(worker);
  await at.runDue(worker);
  expect(await row(at, "status, generation")).toEqual({ status: "dead", generation: 1 });
  const { rows } = await at.users.query({ text: "select status, generation from event_inbox" });
  expect(rows).toEqual([{ status: "dead", generation: 1 }]);
});

test("a skip ends a dead event without its effect", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  await at.carry(at.worker([dies]));
  await resolve(at, "skip");
  await at.carry(at.worker([works]));
  expect(await at.effects()).toEqual([]);
  expect(await at.outboxStatuses()).toEqual({ skipped: 1 });
  expect(await at.inboxStatuses()).toEqual({ skipped: 1 });
});

test("a skip that its subscriber takes after the horizon ends its event all the same", async () => {
  const at = await manualDelivery();
  const worker = at.worker([dies]);
  await at.commit([{ n: 1 }]);
  await at.carry(worker);
  await resolve(at, "skip");
  const acks = await at.deliver(worker, await at.publish());
  expect(await expire(at.auth, -1)).toBe(1);
  await at.acknowledge(acks);
  expect(await at.outboxStatuses()).toEqual({ skipped: 1 });
});

test("a replay of what its subscriber has skipped ends as skipped, though the answer to the skip was lost", async () => {
  const at = await manualDelivery();
  const worker = at.worker([dies]);
  await at.commit([{ n: 1 }]);
  await at.carry(worker);
  await resolve(at, "skip");
  await at.deliver(worker, await at.publish());
  expect(await expire(at.auth, -1)).toBe(1);
  await resolve(at, "replay");
  await at.carry(worker);
  expect(await at.outboxStatuses()).toEqual({ skipped: 1 });
});

test("a skip of an event that was handled after all says that it was", async () => {
  const at = await manualDelivery();
  const worker = at.worker([works]);
  await at.commit([{ n: 1 }]);
  await at.deliver(worker, await at.publish());
  await at.auth.query({ text: "update event_outbox set status = 'dead'" });
  await resolve(at, "skip");
  await at.carry(worker);
  expect(await at.effects()).toEqual([1]);
  expect(await at.outboxStatuses()).toEqual({ processed: 1 });
});
