import { expect, test } from "@jest/globals";
import { handle, PermanentError } from "postbox";
import { until } from "postbox/testing";
import { resolveDeadLetters } from "../../../libs/postbox/delivery/operations/resolve-dead-letters.ts";
import { waitUntilHandled } from "../../../libs/postbox/delivery/operations/wait-until-handled.ts";
import { keyed, writeEffect } from "../example-events.ts";
import { publisherAndSubscriber } from "../publisher-and-subscriber.ts";

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test("four workers, failures and interleaved transactions make no inversion in any key", async () => {
  let failures = 0;
  const failNowAndThen = handle(keyed, async (message, tx) => {
    await writeEffect(message, tx);
    if (message.attempt === 1 && message.data.n % 20 === 7) {
      failures += 1;
      throw new Error("not now");
    }
  });
  await using run = await publisherAndSubscriber([failNowAndThen]);
  for (const _ of range(2, 4)) await run.startWorker([failNowAndThen]);

  const keys = range(1, 20).map((key) => `k${key}`);
  const committed = new Map(keys.map((key) => [key, [] as number[]]));
  const write = async (writer: number) => {
    for (const n of range(1, 40)) {
      const some = [keys[(writer * 7 + n) % 20], keys[(writer * 3 + n * 11) % 20]].filter((key) => key !== undefined);
      await run.publish(some.map((key) => ({ event: keyed, key, n: writer * 1_000 + n })));
    }
  };
  await Promise.all(range(1, 6).map(write));
  const { rows } = await run.auth.query<{ key: string; n: number }>({
    text: "select key, (data->>'n')::int as n from event_outbox order by key, sequence",
  });
  for (const { key, n } of rows) committed.get(key)?.push(n);

  await waitUntilHandled({ auth: run.auth, users: run.users }, { retries: true });
  for (const [key, numbers] of committed) expect([key, await run.effects(key)]).toEqual([key, numbers]);
  expect(failures).toBeGreaterThan(0);
});

test("a dead message holds up its key alone; a replay by an operator lets it go on in order", async () => {
  let mended = false;
  const refuse = handle(keyed, async (message, tx) => {
    if (message.data.n === 2 && !mended) throw new PermanentError("never");
    await writeEffect(message, tx);
  });
  await using run = await publisherAndSubscriber([refuse]);
  const both = (n: number) => ["a", "b"].map((key) => ({ event: keyed, key, n: key === "a" ? n : n + 10 }));
  for (const n of range(1, 4)) await run.publish(both(n));
  await run.outboxBecomes({ dead: 1, processed: 5, received: 2 });
  expect(await run.effects("a")).toEqual([1]);
  expect(await run.effects("b")).toEqual([11, 12, 13, 14]);

  mended = true;
  await resolveDeadLetters(run.auth, "replay", {}, "ada");
  await waitUntilHandled({ auth: run.auth, users: run.users });
  expect(await run.effects("a")).toEqual([1, 2, 3, 4]);
});

test("an event that is available later arrives when its time has come", async () => {
  await using run = await publisherAndSubscriber();
  await run.stack.startServices(["auth.scheduler"]);
  await run.publish([{ n: 1, availableAt: new Date(Date.now() + 3_600_000) }, { n: 2 }]);
  await run.outboxBecomes({ processed: 1, scheduled: 1 });
  await run.auth.query({ text: "update event_outbox set next_attempt_at = now() where status = 'scheduled'" });
  await run.outboxBecomes({ processed: 2 });
  expect(await run.effects()).toEqual([2, 1]);
});

test("a retry comes by itself, after its wait", async () => {
  let failed = false;
  const failOnce = handle(keyed, async (message, tx) => {
    if (message.data.n === 1 && !failed) {
      failed = true;
      throw new Error("not yet");
    }
    await writeEffect(message, tx);
  });
  await using run = await publisherAndSubscriber([failOnce]);
  await run.publish([1, 2, 3].map((n) => ({ event: keyed, key: "a", n })));
  await until(async () => (await run.effects("a")).length === 3, { what: "the key has gone on" });
  expect(await run.effects("a")).toEqual([1, 2, 3]);
  await run.outboxBecomes({ processed: 3 });
});
