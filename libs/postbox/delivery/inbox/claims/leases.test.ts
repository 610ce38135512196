import { expect, test } from "@jest/globals";
import { handle } from "postbox";
import { until } from "postbox/testing";
import { keyed, noted, writeEffect } from "../../../../../test/delivery/example-events.ts";
import { type ManualDelivery, manualDelivery } from "../../../../../test/delivery/semantics/manual-delivery.ts";
import { runClaimed } from "../stored/run-claimed.ts";
import { claimDue, isPossiblePoisonDue } from "./claim-due.ts";

/** A claimed event whose handler runs until `end` is called. */
async function whileHandled() {
  const at = await manualDelivery();
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const handler = handle(noted, async (message, tx) => {
    begun.resolve();
    await end.promise;
    await writeEffect(message, tx);
  });
  const worker = at.worker([handler]);
  await at.commit([{ n: 1 }]);
  await at.deliver(worker, await at.publish(), { possiblePoison: true });
  const [row] = await at.claim();
  if (row === undefined) throw new Error("Nothing was due.");
  const running = runClaimed(worker, row);
  await begun.promise;
  return { at, running, end: end.resolve };
}

/** When the lease of the one event ends. */
async function leaseEnd({ users }: ManualDelivery): Promise<Date> {
  const { rows } = await users.query<{ next_attempt_at: Date }>({ text: "select next_attempt_at from event_inbox" });
  return rows[0]?.next_attempt_at ?? new Date(0);
}

test("the lease of a claim is renewed while the handler runs, and the event is due for nobody else", async () => {
  const { at, running, end } = await whileHandled();
  const first = await leaseEnd(at);
  await until(async () => (await leaseEnd(at)) > first, { what: "the lease is renewed", deadlineMs: 10_000 });
  // As if the whole lease had passed without a renewal: the row is locked while the transaction lives.
  await at.users.query({ text: "update event_inbox set next_attempt_at = now()" });
  expect(await claimDue(at.users, 1, { possiblePoison: true })).toEqual([]);
  expect(await isPossiblePoisonDue(at.users)).toBe(false);
  end();
  await running;
  expect(await at.effects()).toEqual([1]);
  expect(await at.inboxStatuses()).toEqual({ processed: 1 });
});

test("the lease of a parked event is renewed while its take-up waits for its key", async () => {
  const at = await manualDelivery();
  const worker = at.worker([handle(keyed, writeEffect)]);
  await at.commit([{ event: keyed, key: "a", n: 1 }]);
  await at.deliver(worker, await at.publish(), { possiblePoison: true });
  await at.users.query({ text: "update event_inbox set status = 'parked', next_attempt_at = now()" });
  const [row] = await at.claim();
  if (row === undefined) throw new Error("Nothing was due.");
  let running: Promise<unknown> | undefined;
  await at.users.transaction(async (tx) => {
    await tx.query({ text: "select from inbox_mailbox for update" });
    running = at.users.detached(() => runClaimed(worker, row));
    const first = await at.users.detached(() => leaseEnd(at));
    const renewed = () => at.users.detached(async () => (await leaseEnd(at)) > first);
    await until(renewed, { what: "the lease is renewed", deadlineMs: 10_000 });
  });
  await running;
  expect(await at.effects()).toEqual([1]);
  expect(await at.inboxStatuses()).toEqual({ processed: 1 });
});

test("what a handler did is rolled back when somebody else has claimed its event meanwhile", async () => {
  const { at, running, end } = await whileHandled();
  await at.users.query({ text: "update event_inbox set started_at = now()" });
  end();
  expect(await running).toEqual(new Map());
  expect(await at.effects()).toEqual([]);
  expect(await at.inboxStatuses()).toEqual({ failed: 1 });
});
