import { expect, jest, test } from "@jest/globals";
import { startProxy, statuses, until } from "postbox/testing";
import { balanced } from "../ledger.ts";
import { deployment, kill } from "./deployment.ts";
import { failpoint, marking } from "./failpoint.ts";

// Faults last for seconds each, and processes start: a test takes half a minute on a busy machine.
jest.setTimeout(180_000);

test("what was published and not marked when the relay died is handled once", async () => {
  await using run = await deployment();
  const { ledger } = run;
  await run.spawnWorker();
  run.resend();
  for (const from of [1, 101]) {
    const publisher = await run.spawnPublisher();
    await using beforeMark = await failpoint(run.auth, marking);
    await ledger.commitRange(from, from + 49, 10);
    await beforeMark.reached();
    await kill(publisher);
    // What is committed now changes the packs that the next relay makes.
    await ledger.commitRange(from + 50, from + 59);
    await beforeMark.lift();
  }
  await run.spawnPublisher();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("what was committed and not published when its process died is published by the next one", async () => {
  await using run = await deployment();
  const { ledger } = run;
  await using link = await startProxy(run.broker);
  await run.spawnWorker();
  for (const n of [1, 2]) {
    const publisher = await run.spawnPublisher({ env: { NATS_URL: `nats://127.0.0.1:${link.port}` } });
    link.hold();
    await ledger.commit([{ n }]);
    await kill(publisher);
    link.flow();
    const { rows } = await run.auth.query({
      text: "select status from event_outbox where (data->>'n')::int = $1",
      values: [n],
    });
    expect(rows).toEqual([{ status: "pending" }]);
  }
  await run.spawnPublisher();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("what was handled and not acked when the worker died is handled once", async () => {
  await using run = await deployment();
  const { ledger } = run;
  await run.spawnPublisher();
  run.resend();
  for (const from of [1, 101]) {
    const worker = await run.spawnWorker();
    await using handling = await failpoint(run.users, "after insert on effect for each row");
    await ledger.commitRange(from, from + 49, 25);
    await handling.reached();
    await until(async () => (await statuses(run.auth, "event_outbox")).pending === undefined, { what: "all are sent" });
    await until(async () => (await run.jsm.consumers.info("users_stream", "mailbox")).num_pending === 0, {
      what: "the worker has them all",
    });
    run.stack.nats.signal("SIGSTOP");
    await handling.lift();
    await until(async () => (await ledger.imbalance()).lost.length === 0, { what: "the effects are committed" });
    await kill(worker);
    run.stack.nats.signal("SIGCONT");
  }
  await run.spawnWorker();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("a worker that dies between an effect and its commit leaves nothing, and the broker gives it to the next one", async () => {
  await using run = await deployment();
  const { ledger } = run;
  await run.spawnPublisher();
  const worker = await run.spawnWorker();
  await using handling = await failpoint(run.users, "after insert on effect for each row");
  await ledger.commitRange(1, 50, 10);
  await handling.reached();
  await kill(worker);
  await handling.lift();
  expect(await statuses(run.users, "event_inbox")).toEqual({});
  await run.spawnWorker();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("a transaction that rolls back publishes nothing", async () => {
  await using run = await deployment();
  const { ledger } = run;
  await run.spawnPublisher();
  await run.spawnWorker();
  const broken = new Error("the change was refused");
  for (const n of [1, 2, 3])
    await expect(
      ledger.commit([{ n }], async () => {
        throw broken;
      }),
    ).rejects.toBe(broken);
  await ledger.commit([{ n: 4 }]);
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
  expect(await statuses(run.auth, "event_outbox")).toEqual({ processed: 1 });
});
