import { expect, test } from "@jest/globals";
import { handle } from "postbox";
import { until } from "postbox/testing";
import { claimDue, isPossiblePoisonDue } from "../../../libs/postbox/delivery/inbox/claims/claim-due.ts";
import { runClaimed } from "../../../libs/postbox/delivery/inbox/stored/run-claimed.ts";
import { keyed, noted, writeEffect } from "../example-events.ts";
import { type ManualDelivery, manualDelivery } from "./manual-delivery.ts";

/** An event that is claimed, and whose handler works until it is told to end. */
async function atWork() {
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

/** When the claim of the one event ends. */
async function leaseEnd({ users }: ManualDelivery): Promise<Date> {
  const { rows } = await users.query<{ next_attempt_at: Date }>({ text: "select next_attempt_at from event_inbox" });
  return rows[0]?.next_attempt_at ?? new Date(0);
}

test("a claim is renewed while its handler works, and nobody else takes the event for due", async () => {
  const { at, running, end } = await atWork();
  const first = await leaseEnd(at);
  await until(async () => (await leaseEnd(at)) > first, { what: "the claim is renewed", deadlineMs: 10_000 });
  // As if no sign had come for the whole lease: the transaction lives, so its worker does.
  await at.users.query({ text: "update event_inbox set next_attempt_at = now()" });
  expect(await claimDue(at.users, 1, { possiblePoison: true })).toEqual([]);
  expect(await isPossiblePoisonDue(at.users)).toBe(false);
  end();
  await running;
  expect(await at.effects()).toEqual([1]);
  expect(await at.inboxStatuses()).toEqual({ processed: 1 });
});

test("the claim of a parked event is renewed while its take-up waits for its key", async () => {
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
    await until(renewed, { what: "the claim is renewed", deadlineMs: 10_000 });
  });
  await running;
  expect(await at.effects()).toEqual([1]);
  expect(await at.inboxStatuses()).toEqual({ processed: 1 });
});

test("what a handler did is rolled back when somebody else has dealt with its event meanwhile", async () => {
  const { at, running, end } = await atWork();
  await at.users.query({ text: "update event_inbox set started_at = now()" });
  end();
  expect(await running).toEqual(new Map());
  expect(await at.effects()).toEqual([]);
  expect(await at.inboxStatuses()).toEqual({ failed: 1 });
});
