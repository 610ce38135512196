import { expect, test } from "@jest/globals";
import { handle } from "postbox";
import type { Pack } from "../../../libs/postbox/delivery/relay/pack.ts";
import { keyed, writeEffect } from "../example-events.ts";
import { type ManualDelivery, manualDelivery } from "../semantics/manual-delivery.ts";

/** Bytes of an event's payload; twenty of them are more than is taken up at once. */
const size = 600_000;
const count = 20;

/** Publishes all that is pending, however many claims it takes. */
async function publishAll(at: ManualDelivery): Promise<Pack[]> {
  const packs: Pack[] = [];
  for (let more = await at.publish(); more.length > 0; more = await at.publish()) packs.push(...more);
  return packs;
}

test("parked events are taken up by bytes, not only by number, and the key goes on to its end in order", async () => {
  const at = await manualDelivery();
  const worker = at.worker([handle(keyed, writeEffect)]);
  const text = "x".repeat(size);
  for (let n = 1; n <= count; n++) await at.commit([{ event: keyed, key: "a", n, text }]);
  const [first, ...rest] = await publishAll(at);
  await at.acknowledge(await at.deliver(worker, rest));
  expect(await at.inboxStatuses()).toEqual({ parked: count - 1 });

  await at.acknowledge(await at.deliver(worker, first === undefined ? [] : [first]));
  const taken = (await at.effects()).length;
  expect(taken * size).toBeGreaterThan(7 * 1024 * 1024);
  expect((taken - 1) * size).toBeLessThan(9 * 1024 * 1024);
  expect(taken).toBeLessThan(count);

  await at.runDue(worker);
  expect(await at.effects()).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  expect(await at.outboxStatuses()).toEqual({ processed: count });
});
