import { expect, test } from "@jest/globals";
import { handle } from "postbox";
import type { Pack } from "../../../libs/postbox/delivery/relay/pack.ts";
import { keyed, writeEffect } from "../example-events.ts";
import { type ManualDelivery, manualDelivery } from "./manual-delivery.ts";

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const ofKey = (key: string, numbers: readonly number[]) => numbers.map((n) => ({ event: keyed, key, n }));
const works = (at: ManualDelivery) => at.worker([handle(keyed, writeEffect)]);

/** Says that each key has come to this number. */
async function setCursors(at: ManualDelivery, cursors: Record<string, number>): Promise<void> {
  await at.users.query({
    text: `insert into inbox_mailbox (source, key, last_sequence) select 'auth', * from unnest($1::text[], $2::bigint[])
      on conflict (source, key) do update set last_sequence = excluded.last_sequence`,
    values: [Object.keys(cursors), Object.values(cursors)],
  });
}

/** Publishes what is pending, one pack an event, by its number. */
async function singles(at: ManualDelivery): Promise<Pack[]> {
  const [pack, ...others] = await at.publish();
  const packs = pack ? [pack, ...others] : [];
  return packs.flatMap((one) =>
    (JSON.parse(one.body) as unknown[]).map((envelope) => ({ ...one, body: JSON.stringify([envelope]) })),
  );
}

test("events of a key take effect in the order of their commits, whatever the order they are delivered in", async () => {
  const at = await manualDelivery();
  const worker = works(at);
  await at.commit(ofKey("a", range(1, 12)));
  const packs = await singles(at);
  for (const pack of [...packs.slice(6), ...packs.slice(0, 6)].toReversed()) await at.deliver(worker, [pack]);
  await at.runDue(worker);
  expect(await at.effects("a")).toEqual(range(1, 12));
});

test("four workers that get shuffled packs at once make no inversion, and leave nothing parked", async () => {
  const at = await manualDelivery();
  const worker = works(at);
  const keys = range(1, 6).map((key) => `k${key}`);
  for (const n of range(1, 10)) await at.commit(keys.flatMap((key) => ofKey(key, [n])));
  const packs = (await singles(at)).map((pack, index) => ({ pack, order: (index * 37) % 61 }));
  const queue = packs.toSorted((a, b) => a.order - b.order).map(({ pack }) => pack);
  await Promise.all(
    range(1, 4).map(async () => {
      for (let some = queue.splice(0, 3); some.length > 0; some = queue.splice(0, 3)) await at.deliver(worker, some);
    }),
  );
  await at.runDue(worker);
  for (const key of keys) expect(await at.effects(key)).toEqual(range(1, 10));
  expect(await at.inboxStatuses()).toEqual({ processed: 60 });
});

test("more parked events than one transaction takes up are all taken up", async () => {
  const at = await manualDelivery();
  const worker = works(at);
  await at.commit(ofKey("a", range(1, 1_600)));
  const [first, ...others] = await singles(at);
  for (let from = 0; from < others.length; from += 400) await at.deliver(worker, others.slice(from, from + 400));
  expect(await at.inboxStatuses()).toEqual({ parked: 1_599 });
  await at.deliver(worker, first ? [first] : []);
  expect(await at.inboxStatuses()).toMatchObject({ parked: 899 });
  await at.runDue(worker);
  expect(await at.effects("a")).toEqual(range(1, 1_600));
});

test("a long key that is taken up does not cost a short one its turn", async () => {
  const at = await manualDelivery();
  const worker = works(at);
  await at.commit([...ofKey("long", range(1, 900)), ...ofKey("short", range(1, 900))]);
  await at.publish();
  await at.auth.query({
    text: "update event_outbox set status = 'pending' where sequence > 1 and key = 'long' or sequence = 900",
  });
  await at.deliver(worker, await at.publish());
  await setCursors(at, { long: 1, short: 899 });
  await at.users.query({ text: "update event_inbox set next_attempt_at = now() where sequence in (2, 900)" });
  await at.runDue(worker);
  expect(await at.effects("long")).toEqual(range(2, 900));
  expect(await at.effects("short")).toEqual([900]);
});

test("an event whose process ended runs alone the next time, and the others of its pack are not lost", async () => {
  const at = await manualDelivery();
  const worker = works(at);
  await at.commit(ofKey("a", [1, 2, 3]));
  await at.deliver(worker, await at.publish(), { possiblePoison: true });
  expect(await at.inboxStatuses()).toEqual({ failed: 1, parked: 2 });
  await at.runDue(worker);
  expect(await at.effects("a")).toEqual([1, 2, 3]);
});
