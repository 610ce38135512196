import { expect, test } from "@jest/globals";
import { handle, PermanentError } from "postbox";
import { keyed, noted, writeEffect } from "../../../../../test/delivery/example-events.ts";
import { type ManualDelivery, manualDelivery } from "../../../../../test/delivery/semantics/manual-delivery.ts";
import type { Pack } from "../../relay/pack.ts";
import { readPack } from "../events/read-pack.ts";
import { runClaimed } from "../stored/run-claimed.ts";
import { handleBatch } from "./handle-batch.ts";

const read = (packs: readonly Pack[], possiblePoison: boolean) =>
  packs.flatMap(({ subject, body }) =>
    readPack(body, subject.slice("users.".length), possiblePoison, (error) => {
      throw error;
    }),
  );

const stored = async (at: ManualDelivery) =>
  (
    await at.users.query({
      text: "select attempts, crashes, started_at::text as started_at, error_message from event_inbox where status = 'failed'",
    })
  ).rows;

test("a redelivered event that another worker stored and runs meanwhile keeps its attempts, crashes and claim", async () => {
  const at = await manualDelivery();
  const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const worker = at.worker([
    handle(noted, async (message, tx) => {
      if (message.data.n === 1) throw new Error("not now");
      begun.resolve();
      await go.promise;
      await writeEffect(message, tx);
    }),
  ]);
  await at.commit([{ n: 1 }]);
  const first = await at.publish();
  await at.commit([{ n: 2 }]);
  const second = await at.publish();

  // The batch has read no row of the first event, and is to store that event once the second is handled.
  const slow = handleBatch(worker, [...read(first, true), ...read(second, false)], "batch");
  await begun.promise;
  await at.deliver(worker, first);
  await at.users.query({ text: "update event_inbox set next_attempt_at = now() where status = 'failed'" });
  await at.claimAndEnd();
  const [claimed] = await at.claim();
  if (claimed === undefined) throw new Error("Nothing was due.");
  go.resolve();
  const { acks } = await slow;

  const { started_at } = claimed;
  expect(await stored(at)).toEqual([
    { attempts: 1, crashes: 1, started_at, error_message: expect.stringMatching(/^Error: not now\n/) },
  ]);
  expect(acks.get("auth")).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ status: "received", attempts: 1, error: "Error: not now" }),
      expect.objectContaining({ status: "processed" }),
    ]),
  );
  expect(await at.effects()).toEqual([2]);
  await runClaimed(worker, claimed);
  expect(await stored(at)).toMatchObject([{ attempts: 2, crashes: 0, started_at: null }]);
});

test("a replayed event begins anew although another worker stored its earlier generation meanwhile", async () => {
  const at = await manualDelivery();
  const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const worker = at.worker([
    handle(noted, async ({ data }) => {
      if (data.n === 1) throw new Error("not now");
      begun.resolve();
      await go.promise;
    }),
  ]);
  await at.commit([{ n: 1 }]);
  const first = await at.publish();
  await at.commit([{ n: 2 }]);
  const second = await at.publish();
  const replayed = read(first, true).map((event) => ({ ...event, generation: 1 }));

  const slow = handleBatch(worker, [...replayed, ...read(second, false)], "batch");
  await begun.promise;
  await at.deliver(worker, first);
  go.resolve();
  await slow;

  expect(await stored(at)).toMatchObject([{ attempts: 0, started_at: null }]);
});

test("an event that is dead stays so when a slower worker stores its copy of the same generation", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  const copy = await at.publish();
  await at.commit([{ event: keyed, key: "k", n: 5 }]);
  const other = await at.publish();
  const [entered, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = at.worker([
    handle(noted, () => Promise.reject(new Error("not now"))),
    handle(keyed, async (message, tx) => {
      await writeEffect(message, tx);
      entered.resolve();
      await gate.promise;
    }),
  ]);
  // The batch has read no row of the first event, is to store that event, and waits in the other's handler.
  const late = handleBatch(slow, [...read(copy, true), ...read(other, false)], "batch");
  await entered.promise;
  const refusing = at.worker([handle(noted, () => Promise.reject(new PermanentError("never")))]);
  await at.acknowledge(await at.deliver(refusing, copy));
  expect(await at.inboxStatuses()).toEqual({ dead: 1 });
  gate.resolve();
  await at.acknowledge((await late).acks);
  expect(await at.inboxStatuses()).toEqual({ dead: 1, processed: 1 });
  expect(await at.outboxStatuses()).toEqual({ dead: 1, processed: 1 });
});
