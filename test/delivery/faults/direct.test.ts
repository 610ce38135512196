import { expect, jest, test } from "@jest/globals";
import { startProxy, statuses, until } from "postbox/testing";
import { balanced, range } from "../ledger.ts";
import { noted, plainHandlers, publisherAndSubscriber } from "../publisher-and-subscriber.ts";
import { deployment, fixture, kill } from "./deployment.ts";
import { recordPublishedPacks } from "./published-packs.ts";

// Faults last for seconds each, and processes start: a test takes half a minute on a busy machine.
jest.setTimeout(180_000);

test("what a process commits while it is killed again and again is handled once", async () => {
  await using run = await deployment();
  await run.spawnWorker();
  const facts = async () => (await run.auth.query({ text: "select from fact" })).rows.length;
  for (let kills = 1; kills <= 5; kills++) {
    const committer = await run.stack.spawnServices([fixture("committing.auth")]);
    const before = await facts();
    await until(async () => (await facts()) > before + 20, { what: "it has committed more than 20 events" });
    await kill(committer);
  }
  await run.spawnPublisher();
  await run.ledger.settled();
  expect(await run.ledger.imbalance()).toEqual(balanced);
});

test("what a process had committed and could not publish before it was killed is published by the next one", async () => {
  await using run = await deployment();
  await using link = await startProxy(run.broker);
  await run.spawnWorker();
  const committer = await run.stack.spawnServices([fixture("committing.auth")], {
    env: { NATS_URL: `nats://127.0.0.1:${link.port}` },
  });
  link.hold();
  const pending = async () => ((await statuses(run.auth, "event_outbox")).pending ?? 0) > 10;
  await until(pending, { what: "it has committed events that it cannot publish" });
  await kill(committer);
  await run.spawnPublisher();
  await run.ledger.settled();
  expect(await run.ledger.imbalance()).toEqual(balanced);
});

test("a commit that takes longer than its reservation leaves its events to whoever claims them", async () => {
  await using run = await publisherAndSubscriber();
  await using published = await recordPublishedPacks(run.stack);
  const { runtime } = await run.startPublisher();
  const commit = () =>
    runtime.outbox.transaction(async (tx) => {
      tx.enqueue(noted, { n: 1 });
      tx.beforeCommit(async () => {
        const over = async () => {
          const { rows } = await tx.query<{ over: boolean | null }>({
            text: "select next_attempt_at < clock_timestamp() as over from event_outbox",
          });
          return rows[0]?.over ?? "not reserved";
        };
        if ((await until(over, { what: "the reservation is over" })) === "not reserved")
          throw new Error("The relay was at work.");
      });
      return true;
    });
  await until(commit, { what: "an event is committed after its reservation" });
  await run.outboxBecomes({ processed: 1 });
  expect(published.packs.flat()).toHaveLength(1);
});

test("a broker that stands still gets what was committed meanwhile, once", async () => {
  await using run = await publisherAndSubscriber();
  run.stack.nats.signal("SIGSTOP");
  for (const n of range(1, 20)) await run.publish([{ n }]);
  run.stack.nats.signal("SIGCONT");
  await run.outboxBecomes({ processed: 20 });
  expect((await run.effects()).toSorted((a, b) => a - b)).toEqual(range(1, 20));
});

test("an event whose subscriber is not there is marked as published, and settled when it comes", async () => {
  await using run = await publisherAndSubscriber([]);
  const first = await run.startWorker(plainHandlers);
  await first.stop();
  await run.publish([{ n: 1 }]);
  await run.outboxBecomes({ published: 1 });
  await run.startWorker(plainHandlers);
  await run.outboxBecomes({ processed: 1 });
  expect(await run.effects()).toEqual([1]);
});
