import { expect, jest, test } from "@jest/globals";
import { nanos } from "nats";
import { statuses, until } from "postbox/testing";
import { noted } from "../example-events.ts";
import { balanced } from "../ledger.ts";
import { type Deployment, deployment, heals, kill, load, processed } from "./deployment.ts";
import { failpoint, marking } from "./failpoint.ts";
import { recordPublishedPacks } from "./published-packs.ts";

// Faults last for seconds each, and processes start: a test takes half a minute on a busy machine.
jest.setTimeout(180_000);

test.each([
  ["purged", "users_stream", ({ jsm }: Deployment) => jsm.streams.purge("users_stream")],
  ["deleted", "users_stream", ({ jsm }: Deployment) => jsm.streams.delete("users_stream")],
  ["deleted", "auth_acks", ({ jsm }: Deployment) => jsm.streams.delete("auth_acks")],
])("a stream that is %s under load (%s) loses and doubles nothing", async (what, stream, act) => {
  await using run = await deployment();
  const { ledger } = run;
  await Promise.all([run.startPublisher(), run.startWorker()]);
  run.resend();
  const healed = await heals("stream-missing");
  const events = load(ledger);
  for (const more of [100, 300]) {
    await until(async () => (await processed(run)) > more, { what: "events flow" });
    await act(run);
  }
  await until(async () => (await processed(run)) > 500, { what: "events flow again" });
  await events.stop();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
  await until(async () => (await run.jsm.streams.info(stream)).state.messages === 0, { what: "the stream is empty" });
  if (what === "deleted") expect(await heals("stream-missing")).toBeGreaterThan(healed);
});

test("a consumer that is deleted under load comes back", async () => {
  await using run = await deployment();
  const { ledger } = run;
  await Promise.all([run.startPublisher(), run.startWorker()]);
  run.resend();
  const healed = await heals("consumer-missing");
  const events = load(ledger);
  for (const more of [50, 150, 250]) {
    await until(async () => (await processed(run)) > more, { what: "events flow" });
    await run.jsm.consumers.delete("users_stream", "mailbox");
  }
  await until(async () => (await processed(run)) > 350, { what: "events flow again" });
  await events.stop();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
  expect(await heals("consumer-missing")).toBeGreaterThan(healed);
});

test("a stream that is full refuses and drops nothing, and what waits goes on when there is room", async () => {
  await using run = await deployment();
  const { ledger } = run;
  const [, worker] = await Promise.all([run.startPublisher(), run.startWorker()]);
  await until(() => run.jsm.streams.info("users_stream"), { what: "the mailbox is there" });
  await worker.stop();
  await run.jsm.streams.update("users_stream", { max_msgs: 2 });
  await ledger.commitRange(1, 500, 100);
  await until(
    async () => {
      const { messages } = (await run.jsm.streams.info("users_stream")).state;
      const { pending = 0, published = 0 } = await statuses(run.auth, "event_outbox");
      return messages === 2 && published > 0 && pending > 0 && pending + published === 500;
    },
    { what: "the stream is full and the rest waits in the outbox" },
  );
  await run.startWorker();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("a subscriber that starts for the first time after the publish misses nothing", async () => {
  await using run = await deployment();
  const { ledger } = run;
  await run.startPublisher();
  await ledger.commitRange(1, 100, 10);
  expect(await run.jsm.streams.names().next()).not.toContain("users_stream");
  await run.startWorker();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("acknowledgements that are lost are asked for again, and every event settles", async () => {
  await using run = await deployment();
  const { ledger } = run;
  const [publisher] = await Promise.all([run.startPublisher(), run.startWorker()]);
  await using handling = await failpoint(run.users, "after insert on effect for each statement");
  await ledger.commitRange(1, 100, 10);
  await handling.reached();
  await until(async () => (await statuses(run.auth, "event_outbox")).published === 100, { what: "all are published" });
  await publisher.stop();
  await handling.lift();
  await until(async () => (await ledger.imbalance()).lost.length === 0, { what: "all took effect" });
  await until(async () => (await run.jsm.consumers.info("users_stream", "mailbox")).num_ack_pending === 0, {
    what: "all are acked",
  });
  await until(async () => (await run.jsm.streams.info("auth_acks")).state.messages > 0, { what: "acks wait for auth" });
  await run.jsm.streams.purge("auth_acks");
  await run.startPublisher();
  run.resend();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("what is published again after the broker has forgotten the first time has one effect", async () => {
  await using run = await deployment();
  const { ledger, jsm } = run;
  const worker = await run.startWorker();
  await until(() => jsm.streams.info("users_stream"), { what: "the mailbox is there" });
  await worker.stop();
  await jsm.streams.update("users_stream", { duplicate_window: nanos(2_000) });
  await using published = await recordPublishedPacks(run.stack);
  const publisher = await run.spawnPublisher();
  {
    await using beforeMark = await failpoint(run.auth, marking);
    await ledger.commitRange(1, 50, 50);
    await beforeMark.reached();
    await kill(publisher);
    await beforeMark.lift();
  }
  // A pack of no events; once the broker takes it a second time, it has forgotten all that came before it.
  const probe = () => run.nats.jetstream().publish(`users.${noted.subject}`, "[]", { msgID: "probe" });
  await probe();
  await until(async () => !(await probe()).duplicate, { everyMs: 100, what: "the duplicate window is over" });
  await run.startWorker();
  await until(async () => (await ledger.imbalance()).lost.length === 0, { what: "all took effect" });
  await until(async () => (await jsm.streams.info("auth_acks")).state.messages > 0, { what: "acks wait for auth" });
  await jsm.streams.purge("auth_acks");
  await run.startPublisher();
  await ledger.settled();
  expect(published.packs.flat()).toHaveLength(100);
  // Each pack of both times, and two probes.
  expect((await jsm.streams.info("users_stream")).state.last_seq).toBe(published.packs.length + 2);
  expect(await ledger.imbalance()).toEqual(balanced);
});
