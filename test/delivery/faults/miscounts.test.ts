import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { metricValue, statuses, until } from "postbox/testing";
import { deadlyText, noted } from "../example-events.ts";
import { range } from "../ledger.ts";
import { type Deployment, deployment, kill } from "./deployment.ts";
import { failpoint } from "./failpoint.ts";

/** Nothing comes again by itself. */
const calm = { ackWaitMs: 60_000 };

test("an event that ends its process is known for it by the next one, though the broker delivers it as new", async () => {
  await using run = await deployment(calm);
  await run.startPublisher();
  const first = await run.spawnWorker();
  await run.ledger.commit([{ n: 1, text: deadlyText }]);
  await first.ended;
  // What is to be delivered again while there are but requests of one who has gone, a nats-server before 2.10.14 counts
  // as never delivered.
  await giveBack(run, 1);
  const second = await run.spawnWorker({ waitUntilReady: false });
  await second.ended;
  expect(await statuses(run.users, "event_inbox")).toEqual({ failed: 1 });
});

test("of a backlog, only what a killed worker had in hand is run one at a time", async () => {
  await using run = await deployment(calm);
  const worker = await run.spawnWorker();
  await using handling = await failpoint(run.users, "after insert on effect for each row");
  const publish = (from: number, to: number) =>
    Promise.all(range(from, to).map((n) => run.nats.jetstream().publish(`users.${noted.subject}`, pack(n))));
  await publish(1, 30);
  await handling.reached();
  const consumer = () => run.jsm.consumers.info("users_stream", "mailbox");
  await until(async () => (await consumer()).num_ack_pending === 30, { what: "the worker has them all" });
  await kill(worker);
  await until(async () => (await consumer()).num_waiting === 0, { what: "the broker knows that the worker has gone" });
  await giveBack(run, 30);
  await publish(31, 100);
  await handling.lift();
  await run.startWorker();
  await until(async () => (await statuses(run.users, "event_inbox")).processed === 100, { what: "all are processed" });
  expect(await deferred()).toBe(30);
});

/** Lets the broker deliver again what it has delivered up to this sequence. */
async function giveBack({ nats }: Deployment, last: number): Promise<void> {
  for (const n of range(1, last)) nats.publish(`$JS.ACK.users_stream.mailbox.1.${n}.${n}.0.0`, "-NAK");
  await nats.flush();
}

/** One event as a relay would send it. */
const pack = (n: number) =>
  JSON.stringify([
    {
      event_id: randomUUID(),
      service: noted.service,
      event_type: noted.subject,
      version: 1,
      key: null,
      sequence: null,
      generation: 0,
      occurred_at: new Date().toISOString(),
      data: { n },
      headers: {},
    },
  ]);

/** How many events this process has put off to run by themselves. */
const deferred = () => metricValue("postbox_inbox_handled_total", { outcome: "deferred" });
