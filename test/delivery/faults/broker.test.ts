import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { statuses, until } from "postbox/testing";
import { balanced, range } from "../ledger.ts";
import { type Deployment, deployment, heals, load, processed } from "./deployment.ts";

// Faults last for seconds each, and processes start: a test takes half a minute on a busy machine.
jest.setTimeout(180_000);

async function restart(
  { stack }: Deployment,
  before: () => Promise<void> = async () => undefined,
  signal: "SIGKILL" | "SIGTERM" = "SIGKILL",
): Promise<void> {
  stack.nats.signal(signal);
  await stack.nats.ended();
  await before();
  await stack.nats.start();
}

async function copyOfStore({ stack }: Deployment): Promise<string> {
  const copy = `${stack.nats.store}-copy`;
  stack.nats.signal("SIGTERM");
  await stack.nats.ended();
  await cp(stack.nats.store, copy, { recursive: true });
  await stack.nats.start();
  return copy;
}

async function replaceFolder(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true });
}

/** Where the store keeps the messages of users' mailbox; its consumer's state lies beside it. */
const messages = "jetstream/$G/streams/users_stream/msgs";

test("a broker that is killed again and again under load loses and doubles nothing", async () => {
  await using run = await deployment();
  await Promise.all([run.startPublisher(), run.startWorker()]);
  run.resend();
  const events = load(run.ledger);
  for (const round of range(1, 3)) {
    const before = await processed(run);
    await until(async () => (await processed(run)) > before, {
      what: `events flow in round ${round}`,
    });
    await restart(run);
  }
  await events.stop();
  await run.ledger.settled();
  expect(await run.ledger.imbalance()).toEqual(balanced);
});

test.each([
  ["with older messages under the consumer's newer state", "$G/streams/users_stream/msgs"],
  ["with an older copy of its whole store", ""],
])("a broker that comes back %s loses and doubles nothing", async (_, folder) => {
  await using run = await deployment();
  const { ledger, stack } = run;
  await Promise.all([run.startPublisher(), run.startWorker()]);
  run.resend();
  await ledger.commitRange(1, 100, 5);
  await ledger.settled();
  const copy = await copyOfStore(run);
  await ledger.commitRange(101, 200, 5);
  await ledger.settled();
  const events = load(ledger, 201);
  await until(async () => (await processed(run)) > 250, { what: "events flow" });
  await restart(run, () => replaceFolder(join(copy, "jetstream", folder), join(stack.nats.store, "jetstream", folder)));
  await until(async () => (await processed(run)) > 400, { what: "events flow again" });
  await events.stop();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
  await until(async () => (await run.jsm.streams.info("users_stream")).state.messages === 0, { what: "none is stuck" });
});

test("a broker that comes back with older messages than its consumer has delivered is healed before anything is published", async () => {
  await using run = await deployment();
  const { ledger, stack, jsm } = run;
  await Promise.all([run.startPublisher(), run.startWorker()]);
  await ledger.commitRange(1, 50, 5);
  await ledger.settled();
  const copy = await copyOfStore(run);
  await ledger.commitRange(51, 60);
  await ledger.settled();
  const delivered = (await jsm.consumers.info("users_stream", "mailbox")).delivered.stream_seq;
  const healed = await heals("stream-behind-consumer");
  // Not killed: what its consumer has delivered must be on the disk.
  await restart(run, () => replaceFolder(join(copy, messages), join(stack.nats.store, messages)), "SIGTERM");
  await until(async () => (await heals("stream-behind-consumer")) > healed, { what: "the fault is found and mended" });
  expect((await jsm.streams.info("users_stream")).state.last_seq).toBeLessThan(delivered);
  await ledger.commitRange(61, 70, 5);
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("a broker that comes back with older messages and grows past what was acked before any worker starts is healed", async () => {
  await using run = await deployment();
  const { ledger, stack } = run;
  const [, worker] = await Promise.all([run.startPublisher(), run.startWorker()]);
  await ledger.commitRange(1, 50, 5);
  await ledger.settled();
  const copy = await copyOfStore(run);
  await ledger.commitRange(51, 60);
  await ledger.settled();
  await worker.stop();
  await restart(run, () => replaceFolder(join(copy, messages), join(stack.nats.store, messages)));
  const consumer = await until(() => run.jsm.consumers.info("users_stream", "mailbox"), { what: "the broker answers" });
  const floor = consumer.ack_floor.stream_seq;
  for (let n = 61; (await run.jsm.streams.info("users_stream")).state.last_seq <= floor; n += 1) {
    await ledger.commit([{ n }]);
    await until(async () => (await statuses(run.auth, "event_outbox")).pending === undefined, {
      what: `${n} is published`,
    });
  }
  await run.startWorker();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("a broker that comes back with an empty store loses and doubles nothing", async () => {
  await using run = await deployment();
  const { ledger, stack } = run;
  await Promise.all([run.startPublisher(), run.startWorker()]);
  run.resend();
  const events = load(ledger);
  await until(async () => (await processed(run)) > 100, { what: "events flow" });
  await restart(run, () => rm(stack.nats.store, { recursive: true }));
  await until(async () => (await processed(run)) > 300, { what: "events flow again" });
  await events.stop();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("publishes whose outcome a frozen broker never told are made good when it wakes", async () => {
  await using run = await deployment();
  const { ledger, stack } = run;
  const [publisher] = await Promise.all([run.startPublisher(), run.startWorker()]);
  run.resend();
  for (const from of [1, 101, 201]) {
    stack.nats.signal("SIGSTOP");
    await ledger.commitRange(from, from + 99, 10);
    stack.nats.signal("SIGCONT");
  }
  stack.nats.signal("SIGSTOP");
  await ledger.commitRange(301, 400, 10);
  await until(async () => (await fetch(`${publisher.metrics}/health/ready`)).status === 503, {
    what: "the publisher says that it is not ready",
  });
  stack.nats.signal("SIGCONT");
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("a broker that is away for seconds under load holds up events, and they settle when it is back", async () => {
  await using run = await deployment();
  const { ledger, stack } = run;
  const [publisher] = await Promise.all([run.startPublisher(), run.startWorker()]);
  run.resend();
  const events = load(ledger);
  await until(async () => (await processed(run)) > 50, { what: "events flow" });
  stack.nats.signal("SIGKILL");
  await stack.nats.ended();
  await until(async () => ((await statuses(run.auth, "event_outbox")).pending ?? 0) > 300, { what: "events pile up" });
  await until(async () => (await fetch(`${publisher.metrics}/health/ready`)).status === 503, { what: "it says so" });
  await stack.nats.start();
  await events.stop();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});
