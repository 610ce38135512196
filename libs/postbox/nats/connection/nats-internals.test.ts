import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { AckPolicy, type NatsConnection } from "nats";
import { setup, type TestStack } from "postbox/testing";
import { drainMessages, natsVersion, stopStatus } from "./nats-internals.ts";

let stack: TestStack;
let nats: NatsConnection;
beforeAll(async () => {
  stack = await setup();
  nats = await stack.connectNats();
});
afterAll(() => stack?.stop());

test("the installed version of nats is the one whose source was read", () => {
  const { version } = createRequire(import.meta.url)("nats/package.json");
  expect(version).toBe(natsVersion);
});

test("the iteration over status events ends when it is stopped", async () => {
  const states = nats.status();
  const ended = (async () => {
    for await (const _state of states);
    return "ended";
  })();
  stopStatus(states);
  expect(await ended).toBe("ended");
});

test("what the broker sent before a drain still arrives, and nothing is requested afterwards", async () => {
  const jsm = await nats.jetstreamManager();
  await jsm.streams.add({ name: "notes", subjects: ["notes"] });
  await jsm.consumers.add("notes", { durable_name: "reader", ack_policy: AckPolicy.Explicit });
  const publish = () => nats.jetstream().publish("notes");
  const consumer = await nats.jetstream().consumers.get("notes", "reader");
  let requests = 0;
  nats.subscribe("$JS.API.CONSUMER.MSG.NEXT.notes.reader", {
    callback: () => {
      requests += 1;
    },
  });
  const arrived: number[] = [];
  const first = Promise.withResolvers<Promise<void>>();
  const messages = await consumer.consume({
    max_messages: 10,
    callback: ({ seq }) => {
      // Nine more messages are under way, after which the client would request others.
      if (arrived.length === 0) first.resolve(drainMessages(messages));
      arrived.push(seq);
    },
  });
  await Promise.all(Array.from({ length: 100 }, publish));
  await first.promise;
  await nats.flush();
  expect(requests).toBe(1);
  const { delivered } = await jsm.consumers.info("notes", "reader");
  expect(delivered.consumer_seq).toBeGreaterThan(0);
  expect(arrived).toHaveLength(delivered.consumer_seq);
  // Nobody is behind the requests that are left: the broker drops them, and delivers nothing more.
  await publish();
  const after = await jsm.consumers.info("notes", "reader");
  expect(after).toMatchObject({ delivered: { consumer_seq: delivered.consumer_seq }, num_waiting: 0 });
  expect(arrived).toHaveLength(delivered.consumer_seq);
  messages.stop();
});
