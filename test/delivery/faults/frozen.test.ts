import { expect, jest, test } from "@jest/globals";
import { AckPolicy, nanos } from "nats";
import { handle } from "postbox";
import { type SpawnedServices, startProxy, statuses, until } from "postbox/testing";
import { noted, writeEffect } from "../example-events.ts";
import { balanced, range } from "../ledger.ts";
import { type Deployment, deployment, processed } from "./deployment.ts";
import { failpoint } from "./failpoint.ts";

// Faults last for seconds each, and processes start: a test takes half a minute on a busy machine.
jest.setTimeout(180_000);

/** Waits until the broker has taken back `times` times a message whose consumer has this ack_wait and never acks. */
async function ackWaitPasses({ nats, jsm }: Deployment, ackWaitMs: number, times: number): Promise<void> {
  await jsm.streams.add({ name: "probe", subjects: ["probe"] });
  await jsm.consumers.add("probe", {
    durable_name: "probe",
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
  });
  await nats.jetstream().publish("probe", "");
  const messages = await (await nats.jetstream().consumers.get("probe", "probe")).consume();
  for await (const message of messages) if (message.info.redeliveryCount > times) break;
}

test("a handler that takes longer than ack_wait has its message once", async () => {
  const ackWaitMs = 3_000;
  await using run = await deployment({ ackWaitMs });
  const { ledger } = run;
  const go = Promise.withResolvers<void>();
  let calls = 0;
  const slow = handle(noted, async (message, tx) => {
    calls += 1;
    await go.promise;
    await writeEffect(message, tx);
  });
  await Promise.all([run.startPublisher(), run.startWorker([slow]), run.startWorker([slow])]);
  await ledger.commit([{ n: 1 }]);
  await until(() => calls === 1, { what: "the handler runs" });
  await ackWaitPasses(run, ackWaitMs, 2);
  expect((await run.jsm.consumers.info("users_stream", "mailbox")).num_redelivered).toBe(0);
  go.resolve();
  await ledger.settled();
  expect(calls).toBe(1);
  expect(await ledger.imbalance()).toEqual(balanced);
});

/** Freezes a worker between its effects and their COMMIT, and starts another. */
async function freezeAtWork(run: Deployment): Promise<SpawnedServices> {
  await run.startPublisher();
  run.resend();
  const worker = await run.spawnWorker();
  await using handling = await failpoint(run.users, "after insert on effect for each row");
  await run.ledger.commitRange(1, 50, 10);
  await handling.reached();
  worker.signal("SIGSTOP");
  await handling.lift();
  await run.startWorker();
  return worker;
}

test("a worker that freezes while it handles, and wakes when another has its message, doubles nothing", async () => {
  await using run = await deployment();
  const frozen = await freezeAtWork(run);
  await until(async () => (await run.jsm.consumers.info("users_stream", "mailbox")).num_redelivered > 0, {
    what: "another worker has the messages",
  });
  frozen.signal("SIGCONT");
  await run.ledger.settled();
  expect(await run.ledger.imbalance()).toEqual(balanced);
});

test("a worker that freezes inside a transaction and never wakes holds nobody up for long", async () => {
  await using run = await deployment();
  const frozen = await freezeAtWork(run);
  await run.ledger.settled();
  expect(await run.ledger.imbalance()).toEqual(balanced);
  expect(await statuses(run.auth, "event_outbox")).toEqual({ processed: 50 });
  frozen.signal("SIGCONT");
});

test("a relay that freezes with claimed events delays only those events", async () => {
  await using run = await deployment();
  const { ledger, auth } = run;
  await using link = await startProxy(run.broker);
  await run.startWorker();
  const frozen = await run.spawnPublisher({ env: { NATS_URL: `nats://127.0.0.1:${link.port}` } });
  link.hold();
  await ledger.commit(range(1, 10).map((n) => ({ n })));
  // Told by who has locked each row last: a look that locks would take some from before the relay.
  const claimed = async () => (await auth.query({ text: "select from event_outbox where xmax::text <> '0'" })).rowCount;
  await until(async () => (await claimed()) === 10, { what: "the relay has claimed them" });
  frozen.signal("SIGSTOP");
  await run.startPublisher();
  await ledger.commit(range(11, 20).map((n) => ({ n })));
  await until(async () => (await processed(run)) === 10, { what: "the others are processed" });
  link.flow();
  frozen.signal("SIGCONT");
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});
