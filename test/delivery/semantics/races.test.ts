import { expect, test } from "@jest/globals";
import { handle } from "postbox";
import { readPack } from "../../../libs/postbox/delivery/inbox/events/read-pack.ts";
import { handleBatch } from "../../../libs/postbox/delivery/inbox/execution/handle-batch.ts";
import { runClaimed } from "../../../libs/postbox/delivery/inbox/stored/run-claimed.ts";
import type { Pack } from "../../../libs/postbox/delivery/relay/pack.ts";
import { noted, writeEffect } from "../example-events.ts";
import { type ManualDelivery, manualDelivery } from "./manual-delivery.ts";

const read = (packs: readonly Pack[], possiblePoison: boolean) =>
  packs.flatMap(({ body }) =>
    readPack(body, noted.subject, possiblePoison, (error) => {
      throw error;
    }),
  );

const stored = async (at: ManualDelivery) =>
  (
    await at.users.query({
      text: "select attempts, crashes, started_at::text as started_at, error_message from event_inbox where status = 'failed'",
    })
  ).rows;

test("a redelivery that meets what another worker has stored and runs meanwhile leaves its attempts, crashes and claim alone", async () => {
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

  // It has looked for the first, which nobody has stored yet, and is to store it when the second is handled.
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
  expect(await stored(at)).toEqual([{ attempts: 1, crashes: 1, started_at, error_message: "Error: not now" }]);
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

test("a replay that meets what another worker has stored of an earlier generation begins anew", async () => {
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
  const replayed = read(first, true).map((arrival) => ({ ...arrival, generation: 1 }));

  const slow = handleBatch(worker, [...replayed, ...read(second, false)], "batch");
  await begun.promise;
  await at.deliver(worker, first);
  go.resolve();
  await slow;

  expect(await stored(at)).toMatchObject([{ attempts: 0, started_at: null }]);
});
