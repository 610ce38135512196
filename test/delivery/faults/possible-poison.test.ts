import { expect, jest, test } from "@jest/globals";
import { handle } from "postbox";
import { statuses, until } from "postbox/testing";
import { deadlyText, keyed, noted, writeEffect } from "../example-events.ts";
import { balanced, range } from "../ledger.ts";
import { deployment, endLeases, fixture, keepAlive } from "./deployment.ts";

// Faults last for seconds each, and processes start: a test takes half a minute on a busy machine.
jest.setTimeout(180_000);

test("an external event that runs beside one that ends its process, again and again, is processed", async () => {
  await using run = await deployment();
  const { ledger, users } = run;
  await run.startPublisher();
  run.resend();
  const file = fixture("external.worker");
  const worker = await keepAlive(
    () => run.stack.spawnServices([file], { waitUntilReady: false }),
    () => endLeases(users),
  );
  await ledger.commit([
    { n: 1, text: deadlyText },
    { event: keyed, n: 2 },
  ]);
  const ended = async () => {
    const { dead = 0, processed = 0 } = await statuses(run.auth, "event_outbox");
    return dead + processed === 2;
  };
  await until(ended, { what: "each is processed or dead", deadlineMs: 45_000 });
  await worker.stop();
  expect(await ledger.imbalance()).toEqual({ ...balanced, lost: [1] });
});

test("a handler that keeps its process busy beyond ack_wait is dead after three times, and those beside it take effect", async () => {
  await using run = await deployment();
  const { ledger } = run;
  let calls = 0;
  const blocking = handle(noted, async (message, tx) => {
    if (message.data.text === "blocks") {
      calls += 1;
      const end = performance.now() + 1_500;
      while (performance.now() < end);
    }
    await writeEffect(message, tx);
  });
  await Promise.all([run.startPublisher(), run.startWorker([blocking])]);
  await ledger.commit([{ n: 1, text: "blocks" }, ...range(2, 6).map((n) => ({ n }))]);
  await until(async () => (await statuses(run.auth, "event_outbox")).dead === 1, {
    what: "it is dead",
    deadlineMs: 30_000,
  });
  await ledger.differsBy({ ...balanced, lost: [1] });
  // Once in its batch, three times by itself.
  expect(calls).toBe(4);
  const { rows } = await run.auth.query({ text: "select error_message from event_outbox where status = 'dead'" });
  expect(rows).toEqual([{ error_message: expect.stringContaining("Its process ended or stood still 3 times") }]);
});

test("an external handler that hangs holds up neither others nor the service's other events", async () => {
  await using run = await deployment();
  const { ledger } = run;
  const go = Promise.withResolvers<void>();
  const hanging = handle(
    noted,
    async (message, tx) => {
      if (message.data.text === "hangs") await go.promise;
      await writeEffect(message, tx);
    },
    { mode: "external" },
  );
  await Promise.all([run.startPublisher(), run.startWorker([hanging, handle(keyed, writeEffect)])]);
  await ledger.commit([{ n: 1, text: "hangs" }]);
  await until(async () => (await statuses(run.users, "event_inbox")).failed === 1, { what: "it runs" });
  // For longer than the wait between two searches for possible poison.
  const begin = performance.now();
  for (let n = 2; performance.now() - begin < 6_000; n += 2) {
    await ledger.commit([{ n }, { event: keyed, n: n + 1 }]);
    await ledger.differsBy({ ...balanced, lost: [1] });
  }
  go.resolve();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("external handlers that all hang leave connections to the rest of their service", async () => {
  await using run = await deployment();
  const { ledger } = run;
  const go = Promise.withResolvers<void>();
  let begun = 0;
  const hanging = handle(
    noted,
    async (message, tx) => {
      begun += 1;
      await go.promise;
      await writeEffect(message, tx);
    },
    { mode: "external" },
  );
  await Promise.all([run.startPublisher(), run.startWorker([hanging, handle(keyed, writeEffect)])]);
  await ledger.commit(range(1, 10).map((n) => ({ n })));
  // Half of the five connections that a service has in tests.
  await until(() => begun === 2, { what: "as many hang as may run at once" });
  await ledger.commit([{ event: keyed, key: "a", n: 11 }]);
  await ledger.differsBy({ ...balanced, lost: range(1, 10) });
  expect(begun).toBe(2);
  go.resolve();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});
